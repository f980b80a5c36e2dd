import { expect } from 'chai'
import { findAe } from '../../plugin/config/configuration.ts'
import { ldifDirectory } from '../../plugin/config/ldif-directory.ts'
import { loadConfiguration } from './load.ts'
import { sharedPath } from './shared-directory.ts'
import type { ArchiveConfiguration } from '../../plugin/config/configuration.ts'

describe('An unmodified dcm4chee directory, its schema beside it', () => {
  let configuration: ArchiveConfiguration
  before(async function () {
    const folder = sharedPath('ldap', 'dcm4chee')
    if (folder === undefined) return this.skip()
    configuration = await loadConfiguration(ldifDirectory(folder), 'dcm4chee-arc')
  })

  it('gives the AEs of device dcm4chee-arc, and of no other', () => {
    expect(configuration.deviceName).to.equal('dcm4chee-arc')
    expect(configuration.aes.map(({ aeTitle, description }) => [aeTitle, description])).to.deep.equal([
      ['DCM4CHEE', 'Hide instances rejected for Quality Reasons'],
      ['WORKLIST', 'Modality and Unified Worklist'],
      ['AS_RECEIVED', 'Retrieve instances as received without hiding rejected instances'],
      ['IOCM_EXPIRED', 'Only show instances rejected for Data Retention Expired'],
      ['IOCM_QUALITY', 'Only show instances rejected for Quality Reasons'],
      ['IOCM_WRONG_MWL', 'Only show instances rejected for Incorrect Modality Worklist Entry'],
      ['IOCM_PAT_SAFETY', 'Only show instances rejected for Patient Safety Reasons'],
      ['IOCM_REGULAR_USE', 'Show instances rejected for Quality Reasons'],
    ])
  })

  it('gives each AE what the device says about deletion and pages', () => {
    const dn = 'dicomDeviceName=dcm4chee-arc,cn=Devices,cn=DICOM Configuration,dc=dcm4che,dc=org'
    for (const { settings } of configuration.aes) {
      expect(settings.deletePollingInterval).to.deep.equal({
        value: 3_600_000,
        origin: { level: 'device', dn, written: ['PT1H'] },
      })
      expect(settings.deleteCompletedDelay).to.deep.equal({
        value: 86_400_000,
        origin: { level: 'device', dn, written: ['P1D'] },
      })
      expect(settings.deleteCanceledDelay).to.deep.equal({
        value: 604_800_000,
        origin: { level: 'device', dn, written: ['P7D'] },
      })
      expect(settings.qidoMaxResults).to.deep.equal({ value: 1000, origin: { level: 'device', dn, written: ['1000'] } })
    }
  })

  it('gives WORKLIST the defaults for all else', () => {
    const lookup = findAe(configuration, 'WORKLIST')
    if (lookup.status !== 'found') expect.fail(lookup.status)
    const { settings } = lookup.ae
    expect(settings.worklistLabel).to.deep.equal({ value: 'WORKLIST', origin: { level: 'default' } })
    expect(settings.otherAETitles).to.deep.equal({ value: [], origin: { level: 'default' } })
    expect(settings.deleteFetchSize).to.deep.equal({ value: 100, origin: { level: 'default' } })
    expect(settings.updateWithoutTransactionUid).to.deep.equal({ value: false, origin: { level: 'default' } })
    expect(settings.installed.origin.level).to.equal('device')
  })

  it('has one attribute of the UPS family that is ignored', () => {
    expect(configuration.ignored).to.deep.equal([
      { dn: configuration.deviceDn, attribute: 'dcmUPSProcessingPollingInterval' },
    ])
  })
})
