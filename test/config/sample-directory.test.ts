import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ldifDirectory } from '../../plugin/config/ldif-directory.ts'
import { loadConfiguration } from './load.ts'
import { SETTINGS_AT } from '../../plugin/config/settings.ts'
import type { AeConfiguration, ArchiveConfiguration, Effective } from '../../plugin/config/configuration.ts'

const LDIF = join(import.meta.dirname, '../../ldif')

const entries = (settings: object): readonly [string, Effective<unknown>][] => Object.entries(settings)
const values = (settings: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(entries(settings).map(([key, { value }]) => [key, value]))
const levels = (settings: object): Readonly<Record<string, string>> =>
  Object.fromEntries(entries(settings).map(([key, { origin }]) => [key, origin.level]))

describe('The sample directory', () => {
  let configuration: ArchiveConfiguration
  before(async () => {
    configuration = await loadConfiguration(ldifDirectory(LDIF), 'archive')
  })

  function ae(aeTitle: string): AeConfiguration {
    const found = configuration.aesByTitle.get(aeTitle)
    if (!found) expect.fail(`no AE ${aeTitle}`)
    return found
  }

  it('describes device archive with the AEs WORKLIST and RADONC', () => {
    expect(configuration.deviceName).to.equal('archive')
    expect(configuration.aes.map(({ aeTitle, installed }) => [aeTitle, installed])).to.deep.equal([
      ['WORKLIST', true],
      ['RADONC', true],
    ])
    expect(configuration.ignored).to.deep.equal([])
  })

  it('gives WORKLIST every default', () => {
    const { settings } = ae('WORKLIST')
    expect(values(settings)).to.deep.equal({
      installed: true,
      otherAETitles: [],
      acceptedUserRoles: [],
      worklistLabel: 'WORKLIST',
      worklistLabelFilter: [],
      updateWithoutTransactionUid: false,
      qidoMaxResults: 0,
      queryMaxResults: 0,
      deletePollingInterval: undefined,
      deleteFetchSize: 100,
      deleteCompletedDelay: 0,
      deleteCanceledDelay: 0,
    })
    const { installed, ...others } = levels(settings)
    // An LDAP server wants it on every device.
    expect(installed).to.equal('device')
    expect(new Set(Object.values(others))).to.deep.equal(new Set(['default']))
  })

  it('sets every setting of RADONC that an AE can have', () => {
    const { settings } = ae('RADONC')
    expect(values(settings)).to.deep.equal({
      installed: true,
      otherAETitles: ['RADONC_TEST', 'LINAC'],
      acceptedUserRoles: ['radonc', 'admin'],
      worklistLabel: 'Radiation Oncology',
      worklistLabelFilter: ['Radiation Oncology', 'Linac QA'],
      updateWithoutTransactionUid: false,
      qidoMaxResults: 500,
      queryMaxResults: 10_000,
      deletePollingInterval: 3_600_000,
      deleteFetchSize: 50,
      deleteCompletedDelay: 30 * 86_400_000,
      deleteCanceledDelay: 7 * 86_400_000,
    })
    expect(new Set(Object.values(levels(settings)))).to.deep.equal(new Set(['ae']))
  })

  it('sets every setting that only a device can have', () => {
    for (const [key, { scope }] of SETTINGS_AT.device) {
      if (scope === 'device') expect(levels(configuration.settings)).to.include({ [key]: 'device' })
    }
    expect(values(configuration.settings)).to.deep.include({
      timeZone: 'UTC',
      eventQueueSizes: new Map([
        ['TMS', 5_000],
        ['CONSOLE', 100],
      ]),
    })
  })

  it('writes the default of every setting of an AE beside WORKLIST', async () => {
    const comments = (await readFile(join(LDIF, '20-archive.ldif'), 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('#   '))
    const written = comments.map((line) => line.replace(/[#()]/g, '').trim().split(/ {2,}/))
    expect(written).to.deep.equal(
      [...SETTINGS_AT.ae.values()].map(({ attribute, absent }) => [
        attribute,
        DEFAULTS_OF_WORKLIST[attribute] ?? absent,
      ]),
    )
  })
})

/** Where the words of the settings table are about any AE. */
const DEFAULTS_OF_WORKLIST: Readonly<Record<string, string>> = {
  dicomInstalled: 'TRUE',
  dcmUPSWorklistLabel: 'WORKLIST',
}
