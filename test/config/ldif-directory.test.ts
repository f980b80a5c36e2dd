import { expect } from 'chai'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ldifDirectory } from '../../plugin/config/ldif-directory.ts'
import { DirectoryError } from '../../plugin/config/directory.ts'
import { rejection } from './rejection.ts'
import type { DirectoryFailure } from '../../plugin/config/directory.ts'

const DEVICE = `dn: dicomDeviceName=archive,cn=Devices
objectClass: dicomDevice
dicomDeviceName: archive
`
const ae = (aeTitle: string, below = 'dicomDeviceName=archive,cn=Devices'): string => `
dn: dicomAETitle=${aeTitle},${below}
objectClass: dicomNetworkAE
dicomAETitle: ${aeTitle}
`

describe('A directory of LDIF files', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'archive-ups-ldif-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const write = (name: string, content: string | Uint8Array): Promise<void> => writeFile(join(folder, name), content)

  async function titles(path = folder, deviceName = 'archive'): Promise<readonly string[]> {
    const { networkAEs } = await ldifDirectory(path).readDevice(deviceName)
    return networkAEs.flatMap(({ attributes }) => attributes.get('dicomaetitle')?.values ?? [])
  }

  async function expectFailure(failure: DirectoryFailure, message: string, path = folder, deviceName = 'archive') {
    const error = await rejection(ldifDirectory(path).readDevice(deviceName))
    expect(error).to.be.instanceOf(DirectoryError).and.include({ message, failure, code: 'UPS_BAD_CONFIGURATION' })
  }

  it('may be a single file, whatever its name', async () => {
    await write('directory.txt', DEVICE + ae('A'))
    expect(await titles(join(folder, 'directory.txt'))).to.deep.equal(['A'])
  })

  it('may be a folder: every *.ldif in it, in the order of their names', async () => {
    await write('20.ldif', ae('B'))
    await write('10.ldif', ae('C') + ae('A'))
    await write('30.ldif', DEVICE)
    await write('40.ldif.bak', ae('D'))
    expect(await titles()).to.deep.equal(['C', 'A', 'B'])
  })

  it('follows symbolic links, as mounted configuration has them', async () => {
    await mkdir(join(folder, 'data'))
    await write('data/archive', DEVICE + ae('A'))
    await symlink(join(folder, 'data/archive'), join(folder, 'archive.ldif'))
    expect(await titles()).to.deep.equal(['A'])
  })

  it('takes a byte order mark for what it is', async () => {
    await write('a.ldif', `\ufeff${DEVICE}${ae('A')}`)
    expect(await titles()).to.deep.equal(['A'])
  })

  it('is read anew each time', async () => {
    await write('a.ldif', DEVICE + ae('A'))
    const directory = ldifDirectory(folder)
    await directory.readDevice('archive')
    await write('b.ldif', ae('B'))
    expect((await directory.readDevice('archive')).networkAEs).to.have.length(2)
  })

  it('names its path as the source', () => {
    expect(ldifDirectory('ldif/').source).to.equal('ldif/')
  })

  it('gives entries that say where they are', async () => {
    await write('a.ldif', DEVICE + ae('A'))
    const { device, networkAEs } = await ldifDirectory(folder).readDevice('archive')
    expect(device.place).to.equal(`${folder}/a.ldif:1`)
    expect(networkAEs.map(({ place }) => place)).to.deep.equal([`${folder}/a.ldif:5`])
  })

  it('tolerates other entries: a schema, other devices and their AEs, what is below an AE', async () => {
    await write('1.ldif', 'dn: cn=dicom,cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: dicom\n')
    await write('2.ldif', DEVICE + ae('A'))
    await write('3.ldif', DEVICE.replaceAll('archive', 'other') + ae('B', 'dicomDeviceName=other,cn=Devices'))
    await write('4.ldif', ae('C', 'dicomAETitle=A,dicomDeviceName=archive,cn=Devices'))
    await write('5.ldif', ae('A', 'cn=Unique AE Titles Registry').replace('dicomNetworkAE', 'dicomUniqueAETitle'))
    await write('6.ldif', ae('X').replace('dicomNetworkAE', 'dicomUniqueAETitle'))
    expect(await titles()).to.deep.equal(['A'])
  })

  it('compares DNs, object classes and device names as LDAP does', async () => {
    await write('1.ldif', DEVICE.replace('objectClass: dicomDevice', 'OBJECTCLASS: DICOMDEVICE'))
    await write('2.ldif', ae('A', 'DICOMDEVICENAME = Archive , CN=devices'))
    await write('3.ldif', ae('a', 'dicomDeviceName=\\61rchive,cn=Devices'))
    expect(await titles(folder, 'ARCHIVE')).to.deep.equal(['A', 'a'])
  })

  it('gives a device without AEs as it is', async () => {
    await write('1.ldif', DEVICE)
    expect(await titles()).to.deep.equal([])
  })

  describe('is refused', () => {
    it('when it is not there', async () => {
      const path = join(folder, 'missing')
      await expectFailure('unreachable', `${path} cannot be read: there is no such file or folder.`, path)
    })

    it('for a file that cannot be read', async () => {
      await mkdir(join(folder, 'a.ldif'))
      await expectFailure('unreachable', `${folder}/a.ldif cannot be read: it is a folder.`)
    })

    it('for the lack of an LDIF file', async () => {
      await write('a.txt', DEVICE)
      await expectFailure('unusable', `The folder ${folder} holds no *.ldif file.`)
    })

    it('for a file that is not UTF-8', async () => {
      await write(
        'a.ldif',
        Buffer.concat([Buffer.from(DEVICE), Buffer.from('dicomDescription: Universitätsklinik\n', 'latin1')]),
      )
      await expectFailure('unusable', `${folder}/a.ldif:4: expected UTF-8.`)
    })

    it('for a file that is not LDIF', async () => {
      await write('a.ldif', DEVICE)
      await write('b.ldif', 'device: archive\n')
      await expectFailure('unusable', `${folder}/b.ldif:1: expected an entry to begin with "dn:".`)
    })

    it('for a DN that is none', async () => {
      await write('a.ldif', DEVICE.replace('dicomDeviceName=archive', 'archive'))
      await expectFailure('unusable', `${folder}/a.ldif:1: expected a distinguished name (RFC 4514) after "dn:".`)
    })

    it('for the lack of the device, with the names of those that it has', async () => {
      await write('a.ldif', DEVICE + ae('A'))
      await write('b.ldif', DEVICE.replaceAll('archive', 'other'))
      await expectFailure('unusable', `${folder} holds no device archiv; it holds archive, other.`, folder, 'archiv')
    })

    it('for the lack of any device', async () => {
      await write('a.ldif', ae('A'))
      await expectFailure('unusable', `${folder} holds no device archive; it holds none at all.`)
    })

    it('for the same DN twice, with both places', async () => {
      await write('a.ldif', DEVICE + ae('A'))
      await write('b.ldif', ae('A', 'DICOMDEVICENAME=ARCHIVE, cn=devices'))
      const dn = 'dicomAETitle=A,DICOMDEVICENAME=ARCHIVE, cn=devices'
      await expectFailure('unusable', `${folder}/b.ldif:2: the entry ${dn} is already in ${folder}/a.ldif:5.`)
    })

    it('for the same device twice, with both places', async () => {
      await write('a.ldif', DEVICE)
      await write('b.ldif', DEVICE.replace('cn=Devices', 'cn=Other'))
      await expectFailure('unusable', `The device archive is in ${folder}/a.ldif:1 and again in ${folder}/b.ldif:1.`)
    })
  })
})
