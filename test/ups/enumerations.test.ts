/** Values that are wrong wherever they stand (0106, in both modes): enumerations, item counts, VR and VM. */
import { expect } from 'chai'

import type { Attribute, Dataset, Path, Tag } from '../../plugin/dicom/dataset.ts'
import type { VR } from '../../plugin/dicom/vr.ts'
import type { Facts } from '../../plugin/ups/decision.ts'
import {
  answer,
  BOTH,
  changed,
  code,
  create,
  empty,
  factsOf,
  PAYLOAD,
  run,
  type Seen,
  sequence,
  text,
  TRANSACTION_UID,
  update,
  workitemIn,
} from './support.ts'
import { datasetWith, nodesTo, type Operation } from './table-datasets.ts'
import { CC_2_5_3 } from './transcription/cc-2-5-3.ts'
import {
  DEFINED_TERMS,
  ENUMERATED_VALUES,
  ENUMERATED_VALUES_OF_MACROS,
  ITEM_COUNTS,
} from './transcription/enumerations.ts'

const OPERATIONS: readonly Operation[] = ['create', 'set']

function execute(dataset: Dataset, operation: Operation, given: Partial<Facts>): Seen {
  return operation === 'create'
    ? run(create(dataset), factsOf(undefined, given))
    : run(update(dataset, TRANSACTION_UID), factsOf(workitemIn('IN PROGRESS'), given))
}

/** Whether a request of this kind may hold a value at the path. */
function reaches(path: Path, operation: Operation): boolean {
  const nodes = nodesTo(path)
  if (operation === 'set') return nodes.every(({ row }) => row.set !== 'NA')
  return nodes.every(({ tag }) => tag !== '00741002' && tag !== '00741216')
}

/** The dataset with the attribute at the path replaced, in the first item of each sequence. */
function replacedAt(dataset: Dataset, path: Path, replace: (attribute: Attribute) => Attribute): Dataset {
  const [tag = '', ...deeper] = path.split('.')
  const attribute = dataset[tag]
  if (!attribute) throw new Error(`nothing at ${path}`)
  if (deeper.length === 0) return { ...dataset, [tag]: replace(attribute) }
  const [item, ...others] = attribute.Value ?? []
  return { ...dataset, [tag]: { vr: 'SQ', Value: [replacedAt(item as Dataset, deeper.join('.'), replace), ...others] } }
}

/** Every place of the table in which an attribute stands and can be sent. */
const placesOf = (tag: Tag): readonly (readonly [Path, Operation])[] =>
  CC_2_5_3.filter(({ path }) => path.endsWith(tag)).flatMap(({ path }) =>
    OPERATIONS.filter((operation) => reaches(path, operation)).map((operation) => [path, operation] as const),
  )

describe('An enumerated value', () => {
  // A state that is not SCHEDULED has a status of its own (`create`), and none is set.
  const enumerations = [...ENUMERATED_VALUES, ...ENUMERATED_VALUES_OF_MACROS].filter(({ tag }) => tag !== '00741000')

  for (const { keyword, tag, values } of enumerations) {
    const places = placesOf(tag)

    it(`of ${keyword} is one of ${values.join(', ')}: any other is refused, wherever it stands`, () => {
      expect(places).to.not.have.length(0)
      for (const [path, operation] of places) {
        for (const policy of BOTH) {
          for (const value of ['OTHER', 'X', values[0]?.toLowerCase() ?? '']) {
            const dataset = replacedAt(datasetWith(path, 'filled', operation), path, () => text('CS', value))
            const got = execute(dataset, operation, { policy })
            expect(answer(got), `${path} ${value}`).to.equal('0106 400')
            expect(got.paths).to.include(path)
          }
        }
      }
    })

    it(`of ${keyword} is never refused as a value itself`, () => {
      for (const [path, operation] of places) {
        for (const value of values) {
          const dataset = replacedAt(datasetWith(path, 'filled', operation), path, () => text('CS', value))
          expect(answer(execute(dataset, operation, {})), `${path} ${value}`).to.not.match(/^0106/)
        }
      }
    })
  }

  it('may be padded: spaces before and after a code do not count (PS3.5 6.2)', () => {
    for (const value of ['READY ', ' READY', ' READY ']) {
      expect(answer(run(create(changed(PAYLOAD, { '00404041': text('CS', value) })), factsOf(undefined)))).to.equal(
        'accepted',
      )
    }
  })

  it('of the state may be padded too', () => {
    for (const value of ['SCHEDULED ', ' SCHEDULED']) {
      expect(answer(run(create(changed(PAYLOAD, { '00741000': text('CS', value) })), factsOf(undefined)))).to.equal(
        'accepted',
      )
    }
  })
})

describe('A defined term', () => {
  for (const { keyword, tag, values } of DEFINED_TERMS) {
    it(`of ${keyword} may be another one`, () => {
      for (const [path, operation] of placesOf(tag)) {
        for (const policy of BOTH) {
          for (const value of [...values, 'OTHER']) {
            const dataset = replacedAt(datasetWith(path, 'filled', operation), path, () => text('CS', value))
            expect(answer(execute(dataset, operation, { policy }))).to.match(/^accepted/)
          }
        }
      }
    })
  }
})

const twice = ({ Value = [] }: Attribute): Attribute => ({ vr: 'SQ', Value: [...Value, ...Value] })

describe('The number of items', () => {
  const counted = new Map(ITEM_COUNTS.map((count) => [count.tag, count]))

  for (const { keyword, tag, max } of ITEM_COUNTS) {
    it(`of ${keyword} is ${max} at most, wherever it stands`, () => {
      expect(max).to.equal(1)
      expect(placesOf(tag)).to.not.have.length(0)
      for (const [path, operation] of placesOf(tag)) {
        const dataset = datasetWith(path, 'filled', operation)
        for (const policy of BOTH) {
          expect(answer(execute(dataset, operation, { policy })), path).to.match(/^accepted/)
          const got = execute(replacedAt(dataset, path, twice), operation, { policy })
          expect(answer(got), path).to.equal('0106 400')
          expect(got.paths, path).to.include(path)
        }
      }
    })
  }

  it('of all other sequences of the table is free', () => {
    const others = CC_2_5_3.filter(({ path, vr }) => vr === 'SQ' && !counted.has(path.slice(-8)))
    for (const { path } of others) {
      for (const operation of OPERATIONS.filter((each) => reaches(path, each))) {
        const dataset = replacedAt(datasetWith(path, 'filled', operation), path, twice)
        expect(answer(execute(dataset, operation, {})), `${path}, ${operation}`).to.match(/^accepted/)
      }
    }
  })
})

describe('A value that does not keep to its VR', () => {
  const long = 'x'.repeat(65)
  const wrong: Readonly<Partial<Record<VR, readonly (readonly [Tag, Attribute])[]>>> = {
    AE: [
      ['00080054', text('AE', 'AN AE TITLE TOO LONG')],
      ['00080054', text('AE', 'BACK\\SLASH')],
    ],
    CS: [
      ['00741200', text('CS', 'high')],
      ['00741200', text('CS', 'A CODE THAT IS TOO LONG')],
    ],
    DA: [
      ['00402004', text('DA', '20260230')],
      ['00402004', text('DA', '2026-03-01')],
    ],
    DS: [
      ['0040A30A', text('DS', 'half')],
      ['0040A30A', text('DS', '1.234567890123456789')],
    ],
    DT: [
      ['00404011', text('DT', '20261301')],
      ['00404011', text('DT', '20260301090000+9900')],
    ],
    IS: [
      ['00081160', text('IS', '1.5')],
      ['00081160', text('IS', '99999999999')],
    ],
    LO: [
      ['00741204', text('LO', long)],
      ['00741204', text('LO', 'two\nlines')],
    ],
    PN: [
      ['00401010', { vr: 'PN', Value: [{ Alphabetic: long }] }],
      ['00401010', { vr: 'PN', Value: [{ Alphabetic: 'a^b^c^d^e^f' }] }],
    ],
    SH: [['00080100', text('SH', 'more than 16 characters')]],
    TM: [
      ['00402005', text('TM', '2500')],
      ['00402005', text('TM', '09:00')],
    ],
    UI: [
      ['00081155', text('UI', '1.02.3')],
      ['00081155', text('UI', 'x')],
    ],
  }

  for (const [vr, values] of Object.entries(wrong)) {
    it(`${vr} is refused in both modes, at the top, in an item and in a private sequence`, () => {
      for (const [tag, attribute] of values) {
        for (const policy of BOTH) {
          const places: readonly (readonly [Path, Dataset])[] = [
            [tag, { [tag]: attribute }],
            [`00402011.${tag}`, { '00402011': sequence({ [tag]: attribute }) }],
            [`00091001.${tag}`, { '00090010': text('LO', 'ACME'), '00091001': sequence({ [tag]: attribute }) }],
          ]
          for (const [path, changes] of places) {
            const created = run(create({ ...PAYLOAD, ...changes }), factsOf(undefined, { policy }))
            expect(answer(created), path).to.equal('0106 400')
            expect(created.paths, path).to.include(path)
            const updated = execute(changes, 'set', { policy })
            expect(answer(updated), path).to.equal('0106 400')
          }
        }
      }
    })
  }
})

describe('The number of values', () => {
  const rows: readonly (readonly [string, Dataset, boolean])[] = [
    ['two of a VM 1', { '00404011': text('DT', '20260301', '20260302') }, false],
    ['two of a VM 1-n', { '00102000': text('LO', 'Latex', 'Nuts') }, true],
    ['two of a VM 1, in an item', { '00404018': sequence({ ...code('1'), '00080104': text('LO', 'a', 'b') }) }, false],
    ['two of a text that cannot hold several', { '00400400': text('LT', 'a', 'b') }, false],
    ['none', { '00404011': empty('DT') }, true],
  ]
  for (const [name, changes, right] of rows) {
    it(`${name}: ${right ? 'accepted' : 'refused'}`, () => {
      for (const policy of BOTH) {
        const got = run(create({ ...PAYLOAD, ...changes }), factsOf(undefined, { policy }))
        expect(answer(got)).to.equal(right ? 'accepted' : '0106 400')
        expect(answer(execute(changes, 'set', { policy }))).to.equal(right ? 'accepted' : '0106 400')
      }
    })
  }
})
