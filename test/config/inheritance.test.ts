import { expect } from 'chai'
import { aeDn, DEVICE_DN, deviceTree, entry } from './entries.ts'
import { configurationOf, problemsOf } from './resolved.ts'
import { resolveConfiguration } from '../../plugin/config/resolve.ts'

describe('The configuration of a device', () => {
  it('names the device, its AEs in their order, and the source', () => {
    const tree = deviceTree({ dicomDescription: 'An archive' }, { B: {}, A: { dicomDescription: 'First' } })
    const resolved = resolveConfiguration(tree, 'ldif/')
    if (!resolved.ok) expect.fail(JSON.stringify(resolved.problems))
    const { deviceName, deviceDn, description, source, installed, aes } = resolved.configuration
    expect({ deviceName, deviceDn, description, source, installed }).to.deep.equal({
      deviceName: 'archive',
      deviceDn: DEVICE_DN,
      description: 'An archive',
      source: 'ldif/',
      installed: true,
    })
    expect(aes.map((ae) => [ae.aeTitle, ae.dn, ae.installed, ae.description])).to.deep.equal([
      ['B', aeDn('B'), true, undefined],
      ['A', aeDn('A'), true, 'First'],
    ])
  })

  it('is inherited attribute by attribute', () => {
    const { aes } = configurationOf(
      deviceTree(
        { dcmDeleteUPSPollingInterval: 'PT1H', dcmDeleteUPSCompletedDelay: 'P1D', dcmUPSWorklistLabel: 'Hospital' },
        { A: { dcmDeleteUPSCompletedDelay: 'P2D' }, B: { dcmUPSWorklistLabel: 'B label' } },
      ),
    )
    const summary = aes.map(({ settings }) =>
      [settings.deletePollingInterval, settings.deleteCompletedDelay, settings.worklistLabel].map(
        ({ value, origin }) => [value, origin.level],
      ),
    )
    expect(summary).to.deep.equal([
      [
        [3_600_000, 'device'],
        [172_800_000, 'ae'],
        ['Hospital', 'device'],
      ],
      [
        [3_600_000, 'device'],
        [86_400_000, 'device'],
        ['B label', 'ae'],
      ],
    ])
  })

  it('compares attribute names without case', () => {
    const { aes } = configurationOf(deviceTree({}, { A: { DCMUPSWORKLISTLABEL: 'x', dcmupsworklistlabelfilter: 'y' } }))
    expect(aes[0]?.settings.worklistLabel.value).to.equal('x')
    expect(aes[0]?.settings.worklistLabelFilter.value).to.deep.equal(['y'])
  })

  it('does not take an attribute with an option for the attribute', () => {
    const { aes, ignored } = configurationOf(deviceTree({}, { A: { 'dcmUPSWorklistLabel;lang-de': 'x' } }))
    expect(aes[0]?.settings.worklistLabel.value).to.equal('A')
    expect(ignored).to.deep.equal([{ dn: aeDn('A'), attribute: 'dcmUPSWorklistLabel;lang-de' }])
  })

  it('does not ask for object classes', () => {
    const { settings } = configurationOf(
      deviceTree({ objectClass: 'dicomDevice', dcmQidoMaxNumberOfResults: '7' }, { A: {} }),
    )
    expect(settings.qidoMaxResults.value).to.equal(7)
  })

  it('keeps AE titles without the spaces around them', () => {
    const { aes } = configurationOf(deviceTree({}, { A: { dicomAETitle: ' A ' } }))
    expect(aes.map(({ aeTitle }) => aeTitle)).to.deep.equal(['A'])
  })
})

describe('dicomInstalled', () => {
  const installed = (device: string, ae: string | undefined) => {
    const { aes } = configurationOf(
      deviceTree({ dicomInstalled: device }, { A: ae === undefined ? {} : { dicomInstalled: ae } }),
    )
    return aes.map((found) => [
      found.installed,
      found.settings.installed.value,
      found.settings.installed.origin.level,
    ])[0]
  }

  it('of the device holds for an AE that does not have it', () => {
    expect(installed('TRUE', undefined)).to.deep.equal([true, true, 'device'])
    expect(installed('FALSE', undefined)).to.deep.equal([false, false, 'device'])
  })

  it('of the AE can take it out of use, but not put it in use on a device that is not', () => {
    expect(installed('TRUE', 'FALSE')).to.deep.equal([false, false, 'ae'])
    expect(installed('FALSE', 'TRUE')).to.deep.equal([false, false, 'device'])
  })
})

describe('Attributes of the UPS family', () => {
  it('are listed as ignored where they are not honoured', () => {
    const { ignored } = configurationOf(
      deviceTree(
        {
          dcmUPSEventSCU: 'SCU',
          dcmUPSWorklistLabelFilter: 'x',
          dcmUPSWorklistLabel: 'honoured',
          dcmDeleteUPSSomethingNew: '1',
          dcmOtherAETitle: 'not of the family',
          dcmProxyUpstreamURL: 'neither',
        },
        {
          A: { DCMUPSEventSCUKeepAlive: '5', dcmDeleteUPSFetchSize: '5', dcmUPSEventWebSocketQueueSize: 'TMS=1' },
          B: { dcmUPSEventSCU: ['SCU', 'SCU2'] },
        },
      ),
    )
    expect(ignored).to.deep.equal([
      { dn: DEVICE_DN, attribute: 'dcmUPSEventSCU' },
      { dn: DEVICE_DN, attribute: 'dcmUPSWorklistLabelFilter' },
      { dn: DEVICE_DN, attribute: 'dcmDeleteUPSSomethingNew' },
      { dn: aeDn('A'), attribute: 'DCMUPSEventSCUKeepAlive' },
      { dn: aeDn('A'), attribute: 'dcmUPSEventWebSocketQueueSize' },
      { dn: aeDn('B'), attribute: 'dcmUPSEventSCU' },
    ])
  })

  it('are no problem there, whatever their value', () => {
    expect(configurationOf(deviceTree({ dcmUPSWorklistLabelFilter: '' }, { A: {} })).ignored).to.have.length(1)
  })
})

describe('What is wrong with a directory', () => {
  it('is named all at once, also where an AE says it better than the device', () => {
    const tree = deviceTree(
      { dcmDeleteUPSPollingInterval: 'hourly', dicomInstalled: 'no' },
      { A: { dcmDeleteUPSPollingInterval: 'PT1H', dcmOtherAETitle: ['\\', 'B', 'ä'] }, B: { dcmUPSWorklistLabel: '' } },
    )
    expect(problemsOf(tree).map(({ dn, attribute, value }) => [dn, attribute, value])).to.deep.equal([
      [DEVICE_DN, 'dicomInstalled', 'no'],
      [DEVICE_DN, 'dcmDeleteUPSPollingInterval', 'hourly'],
      [aeDn('A'), 'dcmOtherAETitle', '\\'],
      [aeDn('A'), 'dcmOtherAETitle', 'ä'],
      [aeDn('B'), 'dcmUPSWorklistLabel', ''],
    ])
  })

  it('may be an AE title that is none, or is missing', () => {
    const expected = 'an AE title (1 to 16 ASCII characters without backslash and control characters)'
    const unnamed = entry('cn=x', { dcmUPSWorklistLabel: '\\' })
    const tree = deviceTree({}, { A: { dicomAETitle: 'A\\B' } })
    expect(problemsOf({ ...tree, networkAEs: [...tree.networkAEs, unnamed] })).to.deep.equal([
      { dn: aeDn('A'), attribute: 'dicomAETitle', value: 'A\\B', expected },
      { dn: 'cn=x', attribute: 'dicomAETitle', expected },
      {
        dn: 'cn=x',
        attribute: 'dcmUPSWorklistLabel',
        value: '\\',
        expected: 'a text of 1 to 64 characters without backslash and control characters',
      },
    ])
  })

  it('may be a device without a name', () => {
    expect(problemsOf({ ...deviceTree({}, { A: {} }), device: entry('cn=d', {}) })).to.deep.equal([
      { dn: 'cn=d', attribute: 'dicomDeviceName', expected: 'a text without control characters' },
    ])
  })

  it('may be a device without an AE', () => {
    expect(problemsOf(deviceTree({}, {}))).to.deep.equal([
      { dn: DEVICE_DN, attribute: 'dicomAETitle', expected: 'at least one dicomNetworkAE directly below the device' },
    ])
  })

  it('says where the entry is, when the directory says it', () => {
    const tree = deviceTree({ dicomInstalled: 'no' }, { A: {} })
    expect(problemsOf({ ...tree, device: { ...tree.device, place: 'a.ldif:3' } })).to.deep.equal([
      { dn: DEVICE_DN, attribute: 'dicomInstalled', value: 'no', expected: 'TRUE or FALSE', place: 'a.ldif:3' },
    ])
  })
})
