/** What a look at a directory costs that finds nothing new, and what it finds. */
import { expect } from 'chai'
import { hash } from 'node:crypto'
import { Socket } from 'node:net'
import { slapdMissing, startSlapd, type Slapd } from '../support/slapd.ts'
import {
  addFrame,
  aeLdif,
  deviceDn,
  deviceLdif,
  deviceWithAEsLdif,
  DEVICES,
  directoryAt,
  eventually,
  expectFailure,
  openSockets,
  replaceLdif,
} from './ldap-support.ts'

const ae = (number: number): string => `dicomAETitle=AE${number},${deviceDn('large')}`

describe('The stamp of a device with 1 000 AEs on an LDAP server', function () {
  this.timeout(30_000)
  let slapd: Slapd
  before(async function () {
    if (slapdMissing !== undefined) this.skip()
    slapd = await startSlapd({ schema: 'ours', sizeLimit: 500 })
    await addFrame(slapd)
    await slapd.add(deviceWithAEsLdif('large', 1_000))
    await slapd.add(deviceLdif('other') + aeLdif('ELSEWHERE', deviceDn('other')))
  })
  after(() => slapd?.stop())
  afterEach(() => expect(openSockets()).to.equal(0))

  const stamp = (): Promise<string> => directoryAt(slapd.url).stampDevice('large')

  it('is the same as long as nothing changes, whoever asks, and when the server was started again', async () => {
    const directory = directoryAt(slapd.url)
    const first = await directory.stampDevice('large')
    expect(await directory.stampDevice('large')).to.equal(first)
    await directory.readDevice('large')
    expect(await directory.stampDevice('LARGE')).to.equal(first)
    const bind = { dn: slapd.readerDn, password: slapd.readerPassword }
    expect(await directoryAt(slapd.url, { bind }).stampDevice('large')).to.equal(first)
    await slapd.kill()
    await slapd.start()
    expect(await directory.stampDevice('large')).to.equal(first)
  })

  it('costs the server one search and one connection, once the device is known', async () => {
    const directory = directoryAt(slapd.url)
    await directory.readDevice('large')
    const offset = slapd.logOffset()
    await directory.stampDevice('large')
    const log = slapd.logSince(offset)
    expect(slapd.searches(offset)).to.equal(1)
    expect(log.match(/ ACCEPT /g)).to.have.length(1)
    await eventually(() => expect(slapd.logSince(offset)).to.contain('nentries=1001 '))
  })

  it('costs us less than a millisecond, the sockets of Node apart', async () => {
    const directory = directoryAt(slapd.url)
    const costs: number[] = []
    for (let time = 0; time < 20; time++) {
      const { spent, octets } = await timeOfData(() => directory.stampDevice('large'))
      costs.push(spent + timeOfHash(octets))
    }
    expect(Math.min(...costs)).to.be.lessThan(1)
  })

  const CHANGES: Readonly<Record<string, () => Promise<void>>> = {
    'a setting of an AE has changed': () => slapd.modify(replaceLdif(ae(700), 'dcmUPSWorklistLabel', 'New')),
    'an AE has one setting less': () =>
      slapd.modify(`dn: ${ae(701)}\nchangetype: modify\ndelete: dcmUPSWorklistLabel\n`),
    'an attribute of an AE has changed that is no setting': () =>
      slapd.modify(replaceLdif(ae(702), 'dicomApplicationCluster', 'New')),
    'an AE was added': () => slapd.add(aeLdif('NEW', deviceDn('large'))),
    'an AE was deleted': () => slapd.delete(ae(703)),
    'an AE got another title': () =>
      slapd.modify(`dn: ${ae(704)}\nchangetype: modrdn\nnewrdn: dicomAETitle=RENAMED\ndeleteoldrdn: 1\n`),
    'an AE was deleted and added again with another label': async () => {
      await slapd.delete(ae(705))
      await slapd.add(aeLdif('AE705', deviceDn('large')).replace('Label of', 'Another label of'))
    },
    'a setting of the device has changed': () =>
      slapd.modify(replaceLdif(deviceDn('large'), 'dcmUPSWorklistLabel', 'New')),
    'an attribute of the device has changed that is no setting': () =>
      slapd.modify(replaceLdif(deviceDn('large'), 'dicomManufacturer', 'New')),
  }
  for (const [what, change] of Object.entries(CHANGES)) {
    it(`is another one when ${what}`, async () => {
      const before = await stamp()
      await change()
      const after = await stamp()
      expect(after).not.to.equal(before)
      expect(await stamp()).to.equal(after)
    })
  }

  it('is another one for each of two changes in the same second', async () => {
    const stamps = [await stamp()]
    for (const label of ['First', 'Second', 'First']) {
      await slapd.modify(replaceLdif(ae(1), 'dcmUPSWorklistLabel', label))
      stamps.push(await stamp())
    }
    expect(new Set(stamps).size).to.equal(4)
  })

  it('is the same when something has changed elsewhere', async () => {
    const before = await stamp()
    await slapd.modify(replaceLdif(`dicomAETitle=ELSEWHERE,${deviceDn('other')}`, 'dcmUPSWorklistLabel', 'New'))
    await slapd.modify(replaceLdif(deviceDn('other'), 'dicomManufacturer', 'New'))
    await slapd.add(deviceLdif('another'))
    const connection = `cn=http,${deviceDn('large')}`
    await slapd.add(`dn: ${connection}\nobjectClass: dicomNetworkConnection\ncn: http\ndicomHostname: localhost\n`)
    await slapd.delete(connection)
    expect(await stamp()).to.equal(before)
  })

  it('fails as the reading does', async () => {
    await expectFailure(directoryAt(slapd.url), 'unusable', /^holds no device missing;/, { deviceName: 'missing' })
  })

  it('fails once the device is gone, and is found again where it went', async () => {
    const directory = directoryAt(slapd.url)
    await slapd.add(deviceLdif('movable') + aeLdif('MOVES', deviceDn('movable')))
    const before = await directory.stampDevice('movable')
    const elsewhere = `ou=elsewhere,${DEVICES}`
    await slapd.add(`dn: ${elsewhere}\nobjectClass: organizationalUnit\nou: elsewhere\n`)
    await slapd.modify(
      `dn: ${deviceDn('movable')}\nchangetype: modrdn\nnewrdn: dicomDeviceName=movable\ndeleteoldrdn: 0\nnewsuperior: ${elsewhere}\n`,
    )
    const moved = `dicomDeviceName=movable,${elsewhere}`
    expect(await directory.stampDevice('movable')).not.to.equal(before)
    expect((await directory.readDevice('movable')).device.dn).to.equal(moved)
    await slapd.delete(moved, { recursive: true })
    await expectFailure(directory, 'unusable', /^holds no device movable;/, { deviceName: 'movable' })
  })

  it('is another one when the device is no longer called that', async () => {
    const directory = directoryAt(slapd.url)
    const before = await directory.stampDevice('another')
    await slapd.modify(
      `dn: ${deviceDn('another')}\nchangetype: modrdn\nnewrdn: dicomDeviceName=renamed\ndeleteoldrdn: 1\n`,
    )
    await expectFailure(directory, 'unusable', /^holds no device another;/, { deviceName: 'another' })
    await slapd.modify(
      `dn: ${deviceDn('renamed')}\nchangetype: modrdn\nnewrdn: dicomDeviceName=another\ndeleteoldrdn: 1\n`,
    )
    expect(await directory.stampDevice('another')).not.to.equal(before)
  })

  it('does not hide that there are two devices of that name now', async () => {
    const directory = directoryAt(slapd.url)
    await directory.stampDevice('other')
    await slapd.add(deviceLdif('other', `dicomDeviceName=other,ou=elsewhere,${DEVICES}`))
    // A look asks for the known device alone; once the tree was read, both fail until one of them is gone.
    await directory.stampDevice('other')
    await expectFailure(directory, 'unusable', /^holds the device other more than once: /, { deviceName: 'other' })
  })
})

/** The time in what listens to sockets, and how much they brought. */
async function timeOfData(action: () => Promise<unknown>): Promise<{ spent: number; octets: number }> {
  // eslint-disable-next-line typescript/unbound-method -- called with its `this` below
  const emit = Socket.prototype.emit
  let spent = 0
  let octets = 0
  Socket.prototype.emit = function (this: Socket, event: string | symbol, ...args: unknown[]): boolean {
    const start = performance.now()
    const heard = Reflect.apply(emit, this, [event, ...args]) as boolean
    if (event === 'data' && Buffer.isBuffer(args[0])) {
      spent += performance.now() - start
      octets += args[0].length
    }
    return heard
  }
  try {
    await action()
  } finally {
    Socket.prototype.emit = emit
  }
  return { spent, octets }
}

function timeOfHash(octets: number): number {
  const parts = Array.from({ length: 1_001 }, () => Buffer.alloc(octets / 1_001, 1))
  const start = performance.now()
  hash('sha256', Buffer.concat(parts), 'base64url')
  return performance.now() - start
}
