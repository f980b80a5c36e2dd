import { expect } from 'chai'
import { mkdir, mkdtemp, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DirectoryError } from '../../plugin/config/directory.ts'
import { ldifDirectory } from '../../plugin/config/ldif-directory.ts'
import { rejection } from './rejection.ts'

const DEVICE = 'dn: dicomDeviceName=archive,cn=Devices\nobjectClass: dicomDevice\ndicomDeviceName: archive\n'

describe('The stamp of a directory of LDIF files', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'archive-ups-ldif-'))
    await writeFile(join(folder, 'a.ldif'), DEVICE)
  })
  afterEach(() => rm(folder, { recursive: true }))

  const stampOf = async (path = folder): Promise<string> =>
    (await ldifDirectory(path).stampDevice?.('archive')) ?? expect.fail('it has none')

  it('is the same as long as the files say the same, whatever their times', async () => {
    const before = await stampOf()
    await utimes(join(folder, 'a.ldif'), new Date(0), new Date(0))
    await writeFile(join(folder, 'README'), 'not LDIF')
    expect(await stampOf()).to.equal(before)
  })

  it('is another one when a file has changed, also one that kept its size and its times', async () => {
    const file = join(folder, 'a.ldif')
    const before = await stampOf()
    const { atime, mtime } = await stat(file)
    await writeFile(file, DEVICE.replace('archive,', 'archivE,'))
    await utimes(file, atime, mtime)
    expect(await stampOf()).not.to.equal(before)
  })

  it('is another one when a file came, went, or has another name', async () => {
    const stamps = [await stampOf()]
    await writeFile(join(folder, 'b.ldif'), '')
    stamps.push(await stampOf())
    await rename(join(folder, 'b.ldif'), join(folder, 'c.ldif'))
    stamps.push(await stampOf())
    await rm(join(folder, 'c.ldif'))
    expect(await stampOf()).to.equal(stamps[0])
    expect(new Set(stamps).size).to.equal(3)
  })

  it('is there for a single file, too', async () => {
    const file = join(folder, 'a.ldif')
    const before = await stampOf(file)
    await writeFile(file, `${await readFile(file, 'utf8')}dicomInstalled: FALSE\n`)
    expect(await stampOf(file)).not.to.equal(before)
  })

  it('fails as the reading does when the files cannot be read', async () => {
    await mkdir(join(folder, 'b.ldif'))
    for (const path of [folder, join(folder, 'missing')]) {
      const directory = ldifDirectory(path)
      const errors = [await rejection(stampOf(path)), await rejection(directory.readDevice('archive'))]
      expect(errors[0]).to.be.instanceOf(DirectoryError).and.include({ failure: 'unreachable' })
      expect(String(errors[0])).to.equal(String(errors[1]))
    }
  })
})
