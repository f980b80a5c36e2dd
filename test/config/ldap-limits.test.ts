/** Directories that are larger than what a server gives at once. */
import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { openldapProgram, slapdMissing, startSlapd, type Slapd } from '../support/slapd.ts'
import {
  addFrame,
  BASE,
  deviceWithAEsLdif,
  directoryAt,
  eventually,
  expectFailure,
  openSockets,
  replaceLdif,
  titlesOf,
} from './ldap-support.ts'
import { loadConfiguration } from './load.ts'
import { sharedPath } from './shared-directory.ts'

const run = promisify(execFile)

/** `ldapsearch`, not paged: its exit code is the server's result code. */
async function searchAtOnce(url: string, base: string, filter: string): Promise<number> {
  try {
    await run(openldapProgram('ldapsearch'), ['-x', '-LLL', '-H', url, '-b', base, filter, '1.1'])
    return 0
  } catch (error) {
    return error instanceof Error && 'code' in error ? Number(error.code) : -1
  }
}

const SIZE_LIMIT_EXCEEDED = 4

describe('An LDAP server that gives 500 entries at most', function () {
  this.timeout(30_000)
  let slapd: Slapd
  before(async function () {
    if (slapdMissing !== undefined) this.skip()
    slapd = await startSlapd({ schema: 'ours', sizeLimit: 500 })
    await addFrame(slapd)
    await slapd.add(deviceWithAEsLdif('large', 1_000))
  })
  after(() => slapd?.stop())

  const limits = (size: string) => slapd.modify(replaceLdif('cn=config', 'olcSizeLimit', size))
  const LIMIT = `cannot be read: the device has more entries than it gives to this client; its size limit must be raised (OpenLDAP: olcLimits, size.prtotal) (sizeLimitExceeded, 4).`

  it('does not give 1 000 AEs at once', async () => {
    expect(await searchAtOnce(slapd.url, BASE, '(objectClass=dicomNetworkAE)')).to.equal(SIZE_LIMIT_EXCEEDED)
  })

  it('gives them in pages, all of them', async () => {
    const titles = titlesOf(await directoryAt(slapd.url).readDevice('large'))
    expect(new Set(titles).size).to.equal(1_000)
    expect(titles).to.have.length(1_000)
  })

  it('gives them in small pages, if it limits pages too, and is not asked for large ones again', async () => {
    await limits('size=500 size.pr=500 size.prtotal=unlimited')
    const directory = directoryAt(slapd.url)
    expect(new Set(titlesOf(await directory.readDevice('large'))).size).to.equal(1_000)
    const offset = slapd.logOffset()
    await directory.stampDevice('large')
    expect(slapd.searches(offset)).to.equal(3)
  })

  it('gives none, if it limits the pages together: the reading fails, and says what to do', async () => {
    await limits('size=500 size.prtotal=500')
    await expectFailure(directoryAt(slapd.url), 'unusable', LIMIT, { deviceName: 'large' })
  })

  it('gives none, as OpenLDAP is when nobody has told it about pages', async () => {
    await limits('500')
    await expectFailure(directoryAt(slapd.url), 'unusable', LIMIT, { deviceName: 'large' })
  })

  it('gives none, if the limit is reached on the second page only', async () => {
    await limits('size=500 size.pr=500 size.prtotal=750')
    await expectFailure(directoryAt(slapd.url), 'unusable', LIMIT, { deviceName: 'large' })
  })

  it('gives none, if it does not page', async () => {
    await limits('size=500 size.prtotal=disabled')
    const reason = 'cannot be read: the search is beyond a limit that its administrator set (adminLimitExceeded, 11).'
    await expectFailure(directoryAt(slapd.url), 'unusable', reason, { deviceName: 'large' })
  })

  it('gives them again once its limits are raised', async () => {
    const directory = directoryAt(slapd.url)
    await limits('500')
    await expectFailure(directory, 'unusable', LIMIT, { deviceName: 'large' })
    await limits('size=unlimited')
    expect(titlesOf(await directory.readDevice('large'))).to.have.length(1_000)
  })
})

describe('The unmodified dcm4chee directory on a server that gives 500 entries at most', function () {
  this.timeout(30_000)
  let slapd: Slapd
  before(async function () {
    if (slapdMissing !== undefined) this.skip()
    if (sharedPath('ldap', 'dcm4chee') === undefined) this.skip()
    slapd = await startSlapd({ schema: 'dcm4chee', sizeLimit: 500, pagedSizeLimit: 500 })
    for (const name of ['5-base', '6-config-root', '7-default-config']) {
      await slapd.addFile(sharedPath('ldap', 'dcm4chee', `${name}.ldif`) ?? '')
    }
  })
  after(() => slapd?.stop())

  const ROOT = 'dc=dcm4che,dc=org'

  it('has more entries than that', async () => {
    expect(await searchAtOnce(slapd.url, ROOT, '(objectClass=*)')).to.equal(SIZE_LIMIT_EXCEEDED)
  })

  it('serves device dcm4chee-arc all the same: of the tree, only its device and AEs are asked for', async () => {
    const offset = slapd.logOffset()
    const configuration = await loadConfiguration(directoryAt(`${slapd.url}/${ROOT}`), 'dcm4chee-arc')
    expect(configuration.aes.map(({ aeTitle }) => aeTitle)).to.deep.equal([
      'DCM4CHEE',
      'WORKLIST',
      'AS_RECEIVED',
      'IOCM_EXPIRED',
      'IOCM_QUALITY',
      'IOCM_WRONG_MWL',
      'IOCM_PAT_SAFETY',
      'IOCM_REGULAR_USE',
    ])
    expect(configuration.settings.deletePollingInterval.value).to.equal(3_600_000)
    expect(configuration.ignored).to.deep.equal([
      { dn: configuration.deviceDn, attribute: 'dcmUPSProcessingPollingInterval' },
    ])
    await eventually(() => {
      const counts = [...slapd.logSince(offset).matchAll(/ nentries=(\d+)/g)].map(([, count]) => Number(count))
      expect(Math.max(...counts)).to.equal(9)
    })
    expect(openSockets()).to.equal(0)
  })

  it('says so where the schema is that of dcm4chee and the device is another', async () => {
    const missing = /^holds no device archive; it holds .*dcm4chee-arc.*\.$/
    await expectFailure(directoryAt(`${slapd.url}/${ROOT}`), 'unusable', missing)
  })
})
