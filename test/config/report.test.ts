import { expect } from 'chai'
import { describeConfiguration } from '../../plugin/config/report.ts'
import { aeDn, DEVICE_DN, deviceTree } from './entries.ts'
import { configurationOf } from './resolved.ts'

const TREE = deviceTree(
  {
    dcmKeyStorePin: 'secret',
    userPassword: 'secret',
    dicomDescription: 'An archive',
    dcmUPSEventSCU: 'secret',
    dcmUPSEventWebSocketQueueSize: ['TMS=5000', 'CONSOLE=0'],
    dcmDeleteUPSCompletedDelay: 'p1w',
    dcmQidoMaxNumberOfResults: '25',
  },
  {
    A: { dcmUPSUpdateWithoutTransactionUID: 'TRUE', dcmUPSWorklistLabelFilter: ['x', 'y'] },
    B: { dicomInstalled: 'FALSE' },
  },
)

const device = { level: 'device', dn: DEVICE_DN }
const ae = { level: 'ae', dn: aeDn('A') }
const none = { level: 'default' }

describe('The report of a configuration', () => {
  const inForce = {
    configuration: configurationOf(TREE),
    readAt: new Date('2026-03-01T09:05:00Z'),
    from: 'directory',
  } as const
  const report = describeConfiguration(inForce)

  it('has the device and every setting that it can have, by attribute', () => {
    expect(report.device).to.deep.equal({
      deviceName: 'archive',
      dn: DEVICE_DN,
      description: 'An archive',
      installed: true,
      settings: {
        dicomInstalled: { value: true, origin: none },
        dcmUPSWorklistLabel: { value: null, origin: none },
        dcmUPSUpdateWithoutTransactionUID: { value: false, origin: none },
        dcmQidoMaxNumberOfResults: { value: 25, unit: 'workitems', origin: device },
        dcmQueryMaxNumberOfResults: { value: 0, unit: 'workitems', origin: none },
        dcmDeleteUPSPollingInterval: { value: null, unit: 'ISO 8601 duration', origin: none },
        dcmDeleteUPSFetchSize: { value: 100, unit: 'workitems', origin: none },
        dcmDeleteUPSCompletedDelay: { value: 'p1w', unit: 'ISO 8601 duration', origin: device },
        dcmDeleteUPSCanceledDelay: { value: 'PT0S', unit: 'ISO 8601 duration', origin: none },
        dcmUPSEventWebSocketQueueSize: { value: ['TMS=5000', 'CONSOLE=0'], unit: 'event reports', origin: device },
        dcmTimeZoneOfDevice: { value: null, origin: none },
      },
    })
  })

  it('has each AE and every setting that it can have, inherited ones with the DN of the device', () => {
    expect(report.networkAEs.map(({ aeTitle, installed }) => [aeTitle, installed])).to.deep.equal([
      ['A', true],
      ['B', false],
    ])
    expect(report.networkAEs[0]).to.deep.equal({
      aeTitle: 'A',
      dn: aeDn('A'),
      installed: true,
      settings: {
        dicomInstalled: { value: true, origin: none },
        dcmOtherAETitle: { value: [], origin: none },
        dcmAcceptedUserRole: { value: [], origin: none },
        dcmUPSWorklistLabel: { value: 'A', origin: none },
        dcmUPSWorklistLabelFilter: { value: ['x', 'y'], origin: ae },
        dcmUPSUpdateWithoutTransactionUID: { value: true, origin: ae },
        dcmQidoMaxNumberOfResults: { value: 25, unit: 'workitems', origin: device },
        dcmQueryMaxNumberOfResults: { value: 0, unit: 'workitems', origin: none },
        dcmDeleteUPSPollingInterval: { value: null, unit: 'ISO 8601 duration', origin: none },
        dcmDeleteUPSFetchSize: { value: 100, unit: 'workitems', origin: none },
        dcmDeleteUPSCompletedDelay: { value: 'p1w', unit: 'ISO 8601 duration', origin: device },
        dcmDeleteUPSCanceledDelay: { value: 'PT0S', unit: 'ISO 8601 duration', origin: none },
      },
    })
  })

  it('names the source, what is ignored and what is wrong', () => {
    const problem = { dn: DEVICE_DN, attribute: 'dicomInstalled', value: 'no', expected: 'TRUE or FALSE' }
    const since = new Date('2026-03-02T00:00:00Z')
    const trouble = { kind: 'invalid', message: 'It is wrong.', problems: [problem], since } as const
    const { device: _, networkAEs: __, ...rest } = describeConfiguration({ ...inForce, from: 'last good' }, trouble)
    expect(rest).to.deep.equal({
      source: 'test',
      readAt: '2026-03-01T09:05:00.000Z',
      from: 'last good',
      ignored: [{ dn: DEVICE_DN, attribute: 'dcmUPSEventSCU' }],
      trouble: { kind: 'invalid', message: 'It is wrong.', problems: [problem], since: '2026-03-02T00:00:00.000Z' },
    })
    expect(report).not.to.have.property('trouble')
  })

  it('is the same once it has been JSON', () => {
    expect(JSON.parse(JSON.stringify(report))).to.deep.equal(report)
  })

  it('shows nothing of the directory that is no setting', () => {
    expect(JSON.stringify(report)).to.not.contain('secret').and.not.contain('KeyStore')
  })
})
