import { expect } from 'chai'
import { SETTINGS } from '../../plugin/config/settings.ts'
import { aeDn, DEVICE_DN, deviceTree } from './entries.ts'
import { configurationOf, problemsOf } from './resolved.ts'
import type { Written } from './entries.ts'
import type { Effective } from '../../plugin/config/configuration.ts'
import type { Level, SettingKey } from '../../plugin/config/settings.ts'

type Values = string | readonly string[]
type Given = readonly [written: Values, value: unknown]

/** One LDAP attribute, as decisions.md 6 and dcm4chee.md 7.1 and 7.3 have it; nothing here comes from the settings table. */
interface Case {
  readonly attribute: string
  /** The value where the attribute is absent, by level; a level that is missing does not honour the attribute. */
  readonly absent: { readonly device?: [value: unknown]; readonly ae?: [value: unknown] }
  readonly device?: Given
  readonly ae?: Given
  /** Further forms that are accepted. */
  readonly accepted?: readonly Given[]
  /** `reported`: the value as the problem shows it. */
  readonly malformed: readonly (readonly [written: Values, reported: string, expected: string])[]
}

const LABEL = 'a text of 1 to 64 characters without backslash and control characters'
const AE_TITLE = 'an AE title (1 to 16 ASCII characters without backslash and control characters)'
const TEXT = 'a text without control characters'
const DURATION = 'a duration P[nD][T[nH][nM][n[.n]S]] or PnW'
const COUNT = 'an integer from 0 to 2147483647'
const QUEUE_SIZE = '<aet>=<size>, the size an integer from 0 to 2147483647'
const TIME_ZONE = 'a time zone such as Europe/Vienna, UTC or GMT+01:00'
const DAY = 86_400_000

const delay: Omit<Case, 'attribute'> = {
  absent: { device: [0], ae: [0] },
  device: ['P1D', DAY],
  ae: ['PT1.5S', 1_500],
  accepted: [
    ['PT0S', 0],
    ['P1W', 7 * DAY],
    ['p1dt2h3m4s', 93_784_000],
    [' PT1H ', 3_600_000],
  ],
  malformed: [
    ['-P1D', '-P1D', DURATION],
    ['1 day', '1 day', DURATION],
    ['P1M', 'P1M', DURATION],
    ['', '', DURATION],
    [['P1D', 'P2D'], 'P1D, P2D', `one value only, ${DURATION}`],
  ],
}

const cap: Omit<Case, 'attribute'> = {
  absent: { device: [0], ae: [0] },
  device: ['1000', 1000],
  ae: ['0', 0],
  accepted: [['2147483647', 2_147_483_647]],
  malformed: [
    ['-1', '-1', COUNT],
    ['2147483648', '2147483648', COUNT],
    ['1000.0', '1000.0', COUNT],
    ['0100', '0100', COUNT],
    ['1e3', '1e3', COUNT],
    ['unlimited', 'unlimited', COUNT],
    [['1', '2'], '1, 2', `one value only, ${COUNT}`],
  ],
}

const CASES: Readonly<Record<SettingKey, Case>> = {
  installed: {
    attribute: 'dicomInstalled',
    absent: { device: [true], ae: [true] },
    device: ['TRUE', true],
    ae: ['FALSE', false],
    accepted: [['true', true]],
    malformed: [
      ['yes', 'yes', 'TRUE or FALSE'],
      ['1', '1', 'TRUE or FALSE'],
      [['TRUE', 'TRUE'], 'TRUE, TRUE', 'one value only, TRUE or FALSE'],
    ],
  },
  otherAETitles: {
    attribute: 'dcmOtherAETitle',
    absent: { ae: [[]] },
    ae: [
      ['LINAC', 'LINAC 2'],
      ['LINAC', 'LINAC 2'],
    ],
    accepted: [
      ['  A23456789012345=  ', ['A23456789012345=']],
      ['linac', ['linac']],
    ],
    malformed: [
      ['A2345678901234567', 'A2345678901234567', AE_TITLE],
      ['A\\B', 'A\\B', AE_TITLE],
      ['ÄRZTE', 'ÄRZTE', AE_TITLE],
      ['A\tB', 'A\tB', AE_TITLE],
      ['   ', '', AE_TITLE],
    ],
  },
  acceptedUserRoles: {
    attribute: 'dcmAcceptedUserRole',
    absent: { ae: [[]] },
    ae: [
      ['radonc', 'admin'],
      ['radonc', 'admin'],
    ],
    accepted: [[' a role ', ['a role']]],
    malformed: [
      ['', '', TEXT],
      ['a\nb', 'a\nb', TEXT],
    ],
  },
  worklistLabel: {
    attribute: 'dcmUPSWorklistLabel',
    absent: { device: [undefined], ae: ['A'] },
    device: ['Radiology', 'Radiology'],
    ae: ['Štěpán', 'Štěpán'],
    accepted: [
      ['😀'.repeat(64), '😀'.repeat(64)],
      [' padded ', 'padded'],
    ],
    malformed: [
      ['x'.repeat(65), 'x'.repeat(65), LABEL],
      ['a\\b', 'a\\b', LABEL],
      ['a\nb', 'a\nb', LABEL],
      ['a\u0085b', 'a\u0085b', LABEL],
      ['a\ufffd', 'a\ufffd', LABEL],
      ['', '', LABEL],
      ['  ', '', LABEL],
      [['a', 'b'], 'a, b', `one value only, ${LABEL}`],
    ],
  },
  worklistLabelFilter: {
    attribute: 'dcmUPSWorklistLabelFilter',
    absent: { ae: [[]] },
    ae: [
      ['Radiation Oncology', 'Linac QA'],
      ['Radiation Oncology', 'Linac QA'],
    ],
    malformed: [
      ['a\\b', 'a\\b', LABEL],
      [['ok', 'x'.repeat(65)], 'x'.repeat(65), LABEL],
    ],
  },
  updateWithoutTransactionUid: {
    attribute: 'dcmUPSUpdateWithoutTransactionUID',
    absent: { device: [false], ae: [false] },
    device: ['TRUE', true],
    ae: ['FALSE', false],
    malformed: [['maybe', 'maybe', 'TRUE or FALSE']],
  },
  qidoMaxResults: { attribute: 'dcmQidoMaxNumberOfResults', ...cap },
  queryMaxResults: { attribute: 'dcmQueryMaxNumberOfResults', ...cap },
  deletePollingInterval: {
    attribute: 'dcmDeleteUPSPollingInterval',
    absent: { device: [undefined], ae: [undefined] },
    device: ['PT1H', 3_600_000],
    ae: ['PT1S', 1_000],
    malformed: [
      ['PT0.999S', 'PT0.999S', `${DURATION} of at least PT1S`],
      ['PT0S', 'PT0S', `${DURATION} of at least PT1S`],
      ['1h', '1h', `${DURATION} of at least PT1S`],
      [['PT1H', 'PT2H'], 'PT1H, PT2H', `one value only, ${DURATION} of at least PT1S`],
    ],
  },
  deleteFetchSize: {
    attribute: 'dcmDeleteUPSFetchSize',
    absent: { device: [100], ae: [100] },
    device: ['1', 1],
    ae: ['10000', 10_000],
    malformed: [
      ['0', '0', 'an integer from 1 to 10000'],
      ['10001', '10001', 'an integer from 1 to 10000'],
      ['many', 'many', 'an integer from 1 to 10000'],
    ],
  },
  deleteCompletedDelay: { attribute: 'dcmDeleteUPSCompletedDelay', ...delay },
  deleteCanceledDelay: { attribute: 'dcmDeleteUPSCanceledDelay', ...delay },
  eventQueueSizes: {
    attribute: 'dcmUPSEventWebSocketQueueSize',
    absent: { device: [new Map()] },
    device: [
      ['TMS=5000', 'CONSOLE=0'],
      new Map([
        ['TMS', 5_000],
        ['CONSOLE', 0],
      ]),
    ],
    accepted: [
      ['A=B=1', new Map([['A=B', 1]])],
      [' TMS = 5 ', new Map([['TMS', 5]])],
    ],
    malformed: [
      ['TMS', 'TMS', QUEUE_SIZE],
      ['5000', '5000', QUEUE_SIZE],
      ['=5000', '=5000', QUEUE_SIZE],
      ['TMS=', 'TMS=', QUEUE_SIZE],
      ['TMS=-1', 'TMS=-1', QUEUE_SIZE],
      ['TMS=many', 'TMS=many', QUEUE_SIZE],
      [['TMS=1', 'A2345678901234567=1'], 'A2345678901234567=1', QUEUE_SIZE],
      [['TMS=1', 'A=1', 'TMS=2'], 'TMS=1, TMS=2', 'each AE title once'],
    ],
  },
  timeZone: {
    attribute: 'dcmTimeZoneOfDevice',
    absent: { device: [undefined] },
    device: ['Europe/Vienna', 'Europe/Vienna'],
    accepted: [
      ['UTC', 'UTC'],
      ['GMT+1', '+01:00'],
      ['GMT-0930', '-09:30'],
      ['GMT+05:45', '+05:45'],
    ],
    malformed: [
      ['Vienna', 'Vienna', TIME_ZONE],
      ['GMT+25', 'GMT+25', TIME_ZONE],
      ['', '', TIME_ZONE],
      [['UTC', 'GMT'], 'UTC, GMT', `one value only, ${TIME_ZONE}`],
    ],
  },
}

const written = (values: Values): readonly string[] => [values].flat()
const found = (level: Level, [values, value]: Given): Effective<unknown> => ({
  value,
  origin: { level, dn: level === 'device' ? DEVICE_DN : aeDn('A'), written: written(values) },
})
const byDefault = ([value]: readonly unknown[]): Effective<unknown> => ({ value, origin: { level: 'default' } })

/** The setting at both levels of a device with one AE; undefined at a level that does not know it. */
function effective(key: string, device: Written, ae: Written): Record<Level, Effective<unknown> | undefined> {
  const configuration = configurationOf(deviceTree(device, { A: ae }))
  const settings: Record<Level, ReadonlyMap<string, Effective<unknown>>> = {
    device: new Map(Object.entries(configuration.settings)),
    ae: new Map(Object.entries(configuration.aes[0]?.settings ?? {})),
  }
  return { device: settings.device.get(key), ae: settings.ae.get(key) }
}

describe('The settings table', () => {
  it('has the settings that are written out in this test, and no other', () => {
    expect(Object.keys(SETTINGS)).to.have.members(Object.keys(CASES))
  })

  it('explains each of them', () => {
    for (const { doc, absent, takesEffect } of Object.values(SETTINGS)) {
      expect(doc).to.match(/^[A-Z].*\.$/)
      expect(absent).to.not.equal('')
      expect(takesEffect).to.match(/^(the next|at once)/)
    }
  })
})

for (const [key, { attribute, absent, device, ae, accepted = [], malformed }] of Object.entries(CASES)) {
  describe(attribute, () => {
    it('has its default where it is absent', () => {
      expect(effective(key, {}, {})).to.deep.equal({
        device: absent.device && byDefault(absent.device),
        ae: absent.ae && byDefault(absent.ae),
      })
    })

    if (device) {
      it('may stand on the device, from which the AE inherits what it can have itself', () => {
        expect(effective(key, { [attribute]: device[0] }, {})).to.deep.equal({
          device: found('device', device),
          ae: absent.ae && found('device', device),
        })
      })
    }

    if (ae) {
      it('may stand on the AE, which changes nothing for the device', () => {
        expect(effective(key, {}, { [attribute]: ae[0] })).to.deep.equal({
          device: absent.device && byDefault(absent.device),
          ae: found('ae', ae),
        })
      })
    }

    if (device && ae) {
      it('has the value of the AE where it stands on both', () => {
        expect(effective(key, { [attribute]: device[0] }, { [attribute]: ae[0] })).to.deep.equal({
          device: found('device', device),
          ae: found('ae', ae),
        })
      })
    }

    const levels = (['device', 'ae'] as const).filter((level) => absent[level])
    const at = (level: Level, values: Values): [Written, Written] =>
      level === 'device' ? [{ [attribute]: values }, {}] : [{}, { [attribute]: values }]

    for (const given of accepted) {
      it(`may be ${JSON.stringify(given[0])}`, () => {
        for (const level of levels) {
          expect(effective(key, ...at(level, given[0]))[level]).to.deep.equal(found(level, given))
        }
      })
    }

    for (const [values, reported, expected] of malformed) {
      it(`is a problem as ${JSON.stringify(values)}`, () => {
        for (const level of levels) {
          const [onDevice, onAe] = at(level, values)
          const dn = level === 'device' ? DEVICE_DN : aeDn('A')
          expect(problemsOf(deviceTree(onDevice, { A: onAe }))).to.deep.equal([
            { dn, attribute, value: reported, expected },
          ])
        }
      })
    }
  })
}
