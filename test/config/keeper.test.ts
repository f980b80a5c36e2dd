import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Directory } from '../../plugin/config/directory.ts'
import { ConfigurationKeeper, type KeeperEvent, type KeeperOptions } from '../../plugin/config/keeper.ts'
import { lastGoodFile } from '../../plugin/config/last-good.ts'
import { ldifDirectory } from '../../plugin/config/ldif-directory.ts'
import { UpsError } from '../../plugin/errors.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { until } from '../support/until.ts'

const ldif = (label: string, ae = 'A'): string => `dn: dicomDeviceName=archive,dc=x
objectClass: dicomDevice
dicomDeviceName: archive
dcmKeyStorePin: secret
dcmUPSWorklistLabel: ${label}

dn: dicomAETitle=${ae},dicomDeviceName=archive,dc=x
objectClass: dicomNetworkAE
dicomAETitle: ${ae}
`

const BAD = ldif('one').replace('dcmUPSWorklistLabel: one', 'dcmDeleteUPSFetchSize: many')

describe('The keeper of the configuration', () => {
  let folder: Folder
  let keeper: ConfigurationKeeper | undefined
  let events: KeeperEvent[]
  const inFolder = (name: string): string => join(folder.path, name)
  const write = (text: string): void => writeFileSync(inFolder('ldif/archive.ldif'), text)

  beforeEach(() => {
    folder = temporaryFolder()
    mkdirSync(inFolder('ldif'))
    events = []
  })
  afterEach(async () => {
    await keeper?.close()
    keeper = undefined
    folder.remove()
  })

  async function open(changes: Partial<KeeperOptions> = {}): Promise<ConfigurationKeeper> {
    keeper = await ConfigurationKeeper.open({
      directory: ldifDirectory(inFolder('ldif')),
      deviceName: 'archive',
      lastGood: lastGoodFile(inFolder('last-good.json')),
      pollInterval: 1_000_000,
      clock: () => new Date('2026-03-01T00:00:00Z'),
      onEvent: (event) => events.push(event),
      ...changes,
    })
    keeper.begin()
    return keeper
  }

  const label = (of: ConfigurationKeeper): string | undefined =>
    of.inForce.configuration.aes[0]?.settings.worklistLabel.value

  it('has in force what the directory says', async () => {
    write(ldif('one'))
    const kept = await open()
    expect([label(kept), kept.inForce.from, kept.trouble]).to.deep.equal(['one', 'directory', undefined])
    expect(events.map(({ is }) => is)).to.deep.equal(['loaded'])
  })

  it('takes a changed directory whole when it is told to read it', async () => {
    write(ldif('one'))
    const kept = await open()
    const before = kept.inForce.configuration
    write(ldif('two', 'B'))
    expect(await kept.reload()).to.deep.equal({ outcome: 'changed' })
    expect(label(kept)).to.equal('two')
    expect(kept.inForce.configuration.aes.map(({ aeTitle }) => aeTitle)).to.deep.equal(['B'])
    expect(before.aes.map(({ aeTitle }) => aeTitle)).to.deep.equal(['A'])
    expect(await kept.reload()).to.deep.equal({ outcome: 'unchanged' })
  })

  it('refuses a directory with a value that cannot be used, and keeps the old configuration whole', async () => {
    write(ldif('one'))
    const kept = await open()
    const before = kept.inForce
    write(BAD)
    const reloaded = await kept.reload()
    expect(reloaded.outcome).to.equal('refused')
    expect(kept.inForce).to.equal(before)
    expect(kept.trouble?.kind).to.equal('invalid')
    expect(kept.trouble?.problems).to.deep.equal([
      {
        dn: 'dicomDeviceName=archive,dc=x',
        attribute: 'dcmDeleteUPSFetchSize',
        value: 'many',
        expected: 'an integer from 1 to 10000',
        place: `${inFolder('ldif/archive.ldif')}:1`,
      },
    ])
    write(ldif('two'))
    await kept.reload()
    expect([label(kept), kept.trouble]).to.deep.equal(['two', undefined])
    expect(events.map(({ is }) => is)).to.deep.equal(['loaded', 'trouble', 'read', 'loaded', 'well again', 'read'])
  })

  it('tells the same trouble once, however often it looks', async () => {
    write(ldif('one'))
    const kept = await open()
    write(BAD)
    for (let n = 0; n < 3; n++) await kept.reload()
    expect(events.filter(({ is }) => is === 'trouble')).to.have.length(1)
  })

  it('goes on with the old configuration while the directory is away, and takes it again when it is back', async () => {
    write(ldif('one'))
    const kept = await open()
    renameSync(inFolder('ldif'), inFolder('away'))
    await kept.reload()
    expect([label(kept), kept.trouble?.kind]).to.deep.equal(['one', 'unreachable'])
    renameSync(inFolder('away'), inFolder('ldif'))
    expect(await kept.reload()).to.deep.equal({ outcome: 'unchanged' })
    expect(kept.trouble).to.equal(undefined)
  })

  it('lets reloads of the same moment share a reading, which begins after they were asked for', async () => {
    write(ldif('one'))
    const { directory, reads } = counting(ldifDirectory(inFolder('ldif')))
    const kept = await open({ directory })
    const first = kept.reload()
    await until(() => reads() === 2)
    // The first has read by now, perhaps, what is changed here; the others must see the change.
    write(ldif('two'))
    await Promise.all([first, kept.reload(), kept.reload(), kept.reload()])
    expect(reads()).to.equal(3)
    expect(label(kept)).to.equal('two')
  })

  describe('polling', () => {
    it('takes a change up within its interval', async () => {
      write(ldif('one'))
      const kept = await open({ pollInterval: 10 })
      write(ldif('two'))
      await until(() => label(kept) === 'two')
      write(BAD)
      await until(() => kept.trouble !== undefined)
      write(ldif('three'))
      await until(() => label(kept) === 'three')
      expect(kept.trouble).to.equal(undefined)
    })

    it('asks for the stamp alone while nothing has changed, also of a directory that cannot be used', async () => {
      write(ldif('one'))
      const { directory, reads, stamps } = counting(ldifDirectory(inFolder('ldif')))
      const kept = await open({ directory, pollInterval: 5 })
      await until(() => stamps() > 4)
      expect(reads()).to.equal(1)
      write(BAD)
      await until(() => kept.trouble !== undefined)
      const [read, stamped] = [reads(), stamps()]
      await until(() => stamps() > stamped + 4)
      expect(reads()).to.equal(read)
    })

    it('notes that the directory went away and came back', async () => {
      write(ldif('one'))
      const kept = await open({ pollInterval: 10 })
      renameSync(inFolder('ldif'), inFolder('away'))
      await until(() => kept.trouble?.kind === 'unreachable')
      renameSync(inFolder('away'), inFolder('ldif'))
      await until(() => kept.trouble === undefined)
      expect(label(kept)).to.equal('one')
    })

    it('ends when the keeper is closed', async () => {
      write(ldif('one'))
      const { directory, stamps } = counting(ldifDirectory(inFolder('ldif')))
      const kept = await open({ directory, pollInterval: 5 })
      await until(() => stamps() > 2)
      await kept.close()
      const after = stamps()
      await new Promise((resolve) => setTimeout(resolve, 40))
      expect(stamps()).to.equal(after)
    })
  })

  describe('the last good configuration on disk', () => {
    it('is what it starts with when the directory is away, or cannot be used', async () => {
      write(ldif('one'))
      await (await open()).close()
      for (const spoil of [() => write(BAD), () => rmSync(inFolder('ldif'), { recursive: true })]) {
        spoil()
        events = []
        const kept = await open()
        expect([label(kept), kept.inForce.from]).to.deep.equal(['one', 'last good'])
        expect(kept.trouble?.message).to.be.a('string')
        expect(events.map(({ is }) => is)).to.deep.equal(['loaded', 'trouble'])
        await kept.close()
      }
      mkdirSync(inFolder('ldif'))
      write(ldif('two'))
      expect(label(await open())).to.equal('two')
    })

    it('is the last good one, not a bad one', async () => {
      write(ldif('one'))
      const first = await open()
      write(ldif('two'))
      await first.reload()
      write(BAD)
      await first.reload()
      await first.close()
      expect(label(await open())).to.equal('two')
    })

    it('is used for the same source and device only', async () => {
      write(ldif('one'))
      await (await open()).close()
      write(BAD)
      const other = inFolder('other')
      renameSync(inFolder('ldif'), other)
      expect(await codeOf(open({ directory: ldifDirectory(other) }))).to.equal('UPS_BAD_CONFIGURATION')
      expect(await codeOf(open({ deviceName: 'another' }))).to.equal('UPS_BAD_CONFIGURATION')
    })

    it('is not used when it cannot be read', async () => {
      write(ldif('one'))
      await (await open()).close()
      write(BAD)
      for (const text of ['', '{', '{"format":2}', 'null']) {
        writeFileSync(inFolder('last-good.json'), text)
        expect(await codeOf(open())).to.equal('UPS_BAD_CONFIGURATION')
      }
    })

    it('holds nothing of the directory that nobody reads, and only its owner can read it', async () => {
      write(ldif('one'))
      await open()
      expect(readFileSync(inFolder('last-good.json'), 'utf8'))
        .to.contain('one')
        .and.not.contain('secret')
      expect(statSync(inFolder('last-good.json')).mode & 0o777).to.equal(0o600)
    })

    it('that cannot be written is told, and keeps nobody from working', async () => {
      write(ldif('one'))
      const kept = await open({ lastGood: lastGoodFile(inFolder('none/last-good.json')) })
      expect(label(kept)).to.equal('one')
      expect(events.map(({ is }) => is)).to.deep.equal(['loaded', 'not saved'])
    })
  })
})

/** The directory, and how often it was asked. */
function counting(of: Directory): { directory: Directory; reads: () => number; stamps: () => number } {
  let [reads, stamps] = [0, 0]
  const directory: Directory = {
    source: of.source,
    readDevice: (name) => (reads++, of.readDevice(name)),
    stampDevice: (name) => (stamps++, of.stampDevice?.(name) ?? Promise.resolve('')),
  }
  return { directory, reads: () => reads, stamps: () => stamps }
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work
  } catch (error) {
    return error instanceof UpsError ? error.code : undefined
  }
  return undefined
}
