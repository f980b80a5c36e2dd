import { expect } from 'chai'
import { valuesOf } from '../../plugin/config/directory.ts'
import { ldifDirectory } from '../../plugin/config/ldif-directory.ts'
import { slapdMissing, startSlapd, type Slapd } from '../support/slapd.ts'
import {
  addSample,
  aeLdif,
  BASE,
  deviceDn,
  deviceLdif,
  DEVICES,
  directoryAt,
  eventually,
  expectFailure,
  openSockets,
  titlesOf,
} from './ldap-support.ts'
import { loadConfiguration } from './load.ts'

describe('A directory on an LDAP server', function () {
  this.timeout(30_000)
  let slapd: Slapd
  before(async function () {
    if (slapdMissing !== undefined) this.skip()
    slapd = await startSlapd({ schema: 'ours' })
    await addSample(slapd)
    await slapd.add(deviceLdif('other') + aeLdif('ELSEWHERE', deviceDn('other')))
  })
  after(() => slapd?.stop())

  const bind = () => ({ dn: slapd.readerDn, password: slapd.readerPassword })

  describe('gives', () => {
    it('the device and its AEs, and says where it looked', async () => {
      const directory = directoryAt(slapd.url)
      const { device, networkAEs } = await directory.readDevice('archive')
      expect(device.dn).to.equal(deviceDn('archive'))
      expect(networkAEs.map(({ dn }) => dn)).to.deep.equal([
        `dicomAETitle=WORKLIST,${deviceDn('archive')}`,
        `dicomAETitle=RADONC,${deviceDn('archive')}`,
      ])
      expect(directory.source).to.equal(`${slapd.url}/${BASE}`)
    })

    it('the same configuration as the LDIF files that were loaded into it', async () => {
      const fromServer = await loadConfiguration(directoryAt(slapd.url), 'archive')
      const fromFiles = await loadConfiguration(ldifDirectory('ldif'), 'archive')
      expect({ ...fromServer, source: '' }).to.deep.equal({ ...fromFiles, source: '' })
    })

    it('nothing of other devices', async () => {
      expect(titlesOf(await directoryAt(slapd.url).readDevice('other'))).to.deep.equal(['ELSEWHERE'])
    })

    it('the AEs directly below it, not what may lie deeper', async () => {
      await slapd.add(deviceLdif('deep') + aeLdif('A', deviceDn('deep')))
      const inside = `dicomAETitle=A,${deviceDn('deep')}`
      await slapd.add(aeLdif('INSIDE', inside) + deviceLdif('within', `dicomDeviceName=within,${inside}`))
      expect(titlesOf(await directoryAt(slapd.url).readDevice('deep'))).to.deep.equal(['A'])
    })

    it('a device by its name in any case', async () => {
      expect((await directoryAt(slapd.url).readDevice('ARChive')).device.dn).to.equal(deviceDn('archive'))
    })

    it('a device without AEs as it is', async () => {
      await slapd.add(deviceLdif('lonely'))
      expect(titlesOf(await directoryAt(slapd.url).readDevice('lonely'))).to.deep.equal([])
    })

    it('a device from below any base', async () => {
      const directory = directoryAt(`${slapd.url}/${deviceDn('archive').replaceAll(' ', '%20')}`)
      expect(titlesOf(await directory.readDevice('archive'))).to.deep.equal(['WORKLIST', 'RADONC'])
    })

    it('a device, whatever characters its name has', async () => {
      const names = ['a*(b)\\c, "d"=e;<f>+#', 'Gerät 1', ' spaced ', '*']
      const rdns = ['a*(b)\\5Cc\\2C \\22d\\22=e\\3B\\3Cf\\3E\\2B#', 'Ger\\C3\\A4t 1', 'spaced', '\\2a']
      for (const [index, name] of names.entries()) {
        const dn = `dicomDeviceName=${rdns[index]},${DEVICES}`
        await slapd.add(deviceLdif(name, dn) + aeLdif(`AE${index}`, dn))
        const tree = await directoryAt(slapd.url).readDevice(name)
        expect(valuesOf(tree.device, 'dicomDeviceName')).to.deep.equal([name])
        expect(titlesOf(tree)).to.deep.equal([`AE${index}`])
        await slapd.delete(dn, { recursive: true })
      }
    })

    it('AEs with commas and quotation marks in their titles', async () => {
      await slapd.add(deviceLdif('odd') + aeLdif('A,"B+', deviceDn('odd')).replace('=A,"B+,', '=A\\2C\\22B\\2B,'))
      expect(titlesOf(await directoryAt(slapd.url).readDevice('odd'))).to.deep.equal(['A,"B+'])
    })

    it('none of the attributes that nobody looks at, passwords among them', async () => {
      await slapd.modify(
        `dn: ${deviceDn('other')}\nchangetype: modify\nadd: dcmKeyStorePin\ndcmKeyStorePin: secret\n-\nadd: dicomManufacturer\ndicomManufacturer: secret\n`,
      )
      const { device } = await directoryAt(slapd.url).readDevice('other')
      expect([...device.attributes.keys()].toSorted()).to.deep.equal([
        'dicomdevicename',
        'dicominstalled',
        'objectclass',
      ])
    })
  })

  describe('asks', () => {
    it('anonymously, if there is no bind DN', async () => {
      const offset = slapd.logOffset()
      await directoryAt(slapd.url).readDevice('archive')
      expect(slapd.logSince(offset)).not.to.contain('BIND dn=')
    })

    it('as the bind DN', async () => {
      const offset = slapd.logOffset()
      const tree = await directoryAt(slapd.url, { bind: bind() }).readDevice('archive')
      expect(titlesOf(tree)).to.deep.equal(['WORKLIST', 'RADONC'])
      expect(slapd.logSince(offset)).to.contain(`BIND dn="${slapd.readerDn}" mech=SIMPLE`)
    })

    it('for the password at each reading, if it is a function', async () => {
      let password = 'wrong'
      const directory = directoryAt(slapd.url, { bind: { dn: slapd.readerDn, password: async () => password } })
      await expectFailure(directory, 'unreachable', WRONG_PASSWORD)
      password = slapd.readerPassword
      expect(titlesOf(await directory.readDevice('archive'))).to.have.length(2)
    })

    it('by connections that it closes', async () => {
      const offset = slapd.logOffset()
      const directory = directoryAt(slapd.url)
      await directory.readDevice('archive')
      await directory.stampDevice('archive')
      await expectFailure(directory, 'unusable', /holds no device x/, { deviceName: 'x' })
      expect(openSockets()).to.equal(0)
      await eventually(() => {
        const log = slapd.logSince(offset)
        const connections = [...log.matchAll(/ (conn=\d+) .* ACCEPT /g)].map(([, connection]) => connection)
        expect(connections).to.have.length(4)
        for (const connection of connections) expect(log).to.match(new RegExp(`${connection} op=\\d+ UNBIND`))
      })
    })

    const WRONG_PASSWORD = 'cannot be read: it does not accept the bind DN or its password (invalidCredentials, 49).'

    it('in vain with a wrong password, or a bind DN that is not there', async () => {
      const wrong = { dn: slapd.readerDn, password: 'secret but wrong' }
      await expectFailure(directoryAt(slapd.url, { bind: wrong }), 'unreachable', WRONG_PASSWORD)
      const stranger = { dn: `cn=stranger,${BASE}`, password: 'secret' }
      await expectFailure(directoryAt(slapd.url, { bind: stranger }), 'unreachable', WRONG_PASSWORD)
    })

    it('not at all with an empty password, which would make it anonymous', async () => {
      const empty = directoryAt(slapd.url, { bind: { dn: slapd.readerDn, password: '' } })
      await expectFailure(empty, 'unreachable', 'cannot be read: the password of the bind DN is empty.')
    })

    it('not at all when the password cannot be read', async () => {
      const unreadable = { dn: slapd.readerDn, password: () => Promise.reject(new Error('EACCES')) }
      const directory = directoryAt(slapd.url, { bind: unreadable })
      await expectFailure(directory, 'unreachable', 'cannot be read: the password of the bind DN cannot be read.')
    })
  })

  describe('is refused', () => {
    it('for the lack of the device, with the names of those that it has', async () => {
      const missing = /^holds no device archiv; it holds (.+, )*archive(, .+)*\.$/
      await expectFailure(directoryAt(slapd.url), 'unusable', missing, { deviceName: 'archiv' })
    })

    it('with the names of twenty at most', async () => {
      const devices = Array.from({ length: 30 }, (_, index) => deviceLdif(`D${index}`))
      await slapd.add(devices.join(''))
      const missing = /^holds no device x; it holds ([^,]+, ){19}[^,]+ and others\.$/
      const offset = slapd.logOffset()
      await expectFailure(directoryAt(slapd.url), 'unusable', missing, { deviceName: 'x' })
      await eventually(() => expect(slapd.logSince(offset)).to.contain('nentries=21 '))
    })

    it('for a name that would be a pattern, if it were one', async () => {
      await expectFailure(directoryAt(slapd.url), 'unusable', /^holds no device arch\*;/, { deviceName: 'arch*' })
      const filter = 'archive)(objectClass=*'
      await expectFailure(directoryAt(slapd.url), 'unusable', /^holds no device archive\)/, { deviceName: filter })
    })

    it('for the lack of any device', async () => {
      const directory = directoryAt(`${slapd.url}/cn=Unique%20AE%20Titles%20Registry,cn=DICOM%20Configuration,${BASE}`)
      const reason = 'holds no device archive; it shows none at all to somebody who has not bound.'
      await expectFailure(directory, 'unusable', reason)
    })

    it('for two devices of one name, until one of them is gone', async () => {
      const twin = `dicomDeviceName=twin,${BASE}`
      await slapd.add(deviceLdif('twin') + deviceLdif('twin', twin))
      const directory = directoryAt(slapd.url)
      const reason = `holds the device twin more than once: ${deviceDn('twin')} and ${twin}.`
      await expectFailure(directory, 'unusable', reason, { deviceName: 'twin' })
      await slapd.delete(twin)
      expect((await directory.readDevice('twin')).device.dn).to.equal(deviceDn('twin'))
    })

    it('for a base that is not there', async () => {
      for (const base of [`ou=x,${BASE}`, 'dc=elsewhere']) {
        await expectFailure(
          directoryAt(`${slapd.url}/${base}`),
          'unusable',
          `shows no entry ${base} to somebody who has not bound.`,
        )
      }
    })

    it('for a base that another server has, or a part of it', async () => {
      const root = 'dc=dcm4che,dc=org'
      const base = `ou=remote,${root}`
      await slapd.add(`dn: ${root}\nobjectClass: dcObject\nobjectClass: organization\ndc: dcm4che\no: x\n`)
      await slapd.add(
        `dn: ${base}\nobjectClass: referral\nobjectClass: extensibleObject\nou: remote\nref: ldap://a/${base}\n`,
      )
      const refers = 'it refers to another server, and referrals are not followed'
      const directory = directoryAt(`${slapd.url}/${base}`)
      await expectFailure(directory, 'unusable', `cannot be read: ${refers} (referral, 10).`)
      const above = directoryAt(`${slapd.url}/${root}`)
      await expectFailure(
        above,
        'unusable',
        `cannot be read: for a part of the tree ${refers} (ldap://a/${base}??sub).`,
      )
    })
  })
})
