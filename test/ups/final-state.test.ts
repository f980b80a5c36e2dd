/** What the final states demand (C304): Table CC.2.5-3, column "Final State", by the checklists of standard.md A.6. */
import { expect } from 'chai'

import type { Attribute, Dataset, Path, Tag } from '../../plugin/dicom/dataset.ts'
import type { FinalState } from '../../plugin/ups/workitem.ts'
import {
  answer,
  changed,
  code,
  committed,
  empty,
  factsOf,
  PERFORMED,
  run,
  sample,
  type Seen,
  sequence,
  text,
  toState,
  TRANSACTION_UID,
  update,
  workitemIn,
} from './support.ts'
import { FINAL_CANCELED, FINAL_COMPLETED, type FinalAttribute } from './transcription/a-6.ts'
import { CC_2_5_3 } from './transcription/cc-2-5-3.ts'

const PERFORMED_PROCEDURE = '00741216'

/** Kept by the service, or written by the change itself: they cannot be missing when it is decided. */
const ALWAYS_THERE: ReadonlySet<Path> = new Set([
  '00404010',
  '00741000',
  '00741002',
  '00741002.00404052',
  '00741002.0074100E',
])

const VRS = new Map(CC_2_5_3.map(({ path, vr }) => [path, vr as Attribute['vr']]))
const emptyAt = (path: Path): Attribute => ({ vr: VRS.get(path) ?? 'LO' })

/** The dataset with another attribute at a path of one or two tags; taken out where undefined is given. */
function withAt(dataset: Dataset, path: Path, attribute: Attribute | undefined): Dataset {
  const [tag = '', inner] = path.split('.')
  if (inner === undefined) return changed(dataset, { [tag]: attribute })
  return { ...dataset, [tag]: sequence(changed(PERFORMED, { [inner]: attribute })) }
}

function finish(state: FinalState, path: Path, attribute: Attribute | undefined): Seen {
  const workitem = workitemIn('IN PROGRESS')
  const attributes = withAt(workitem.attributes, path, attribute)
  return run(toState(state, TRANSACTION_UID), factsOf({ ...workitem, attributes }))
}

const demanded = (list: readonly FinalAttribute[]): readonly FinalAttribute[] =>
  list.filter(({ code: final, path }) => final !== 'RC' && !ALWAYS_THERE.has(path))

for (const [state, list] of [
  ['COMPLETED', FINAL_COMPLETED],
  ['CANCELED', FINAL_CANCELED],
] as const) {
  describe(`To become ${state}`, () => {
    for (const { keyword, path, code: final, mayBeEmpty } of demanded(list)) {
      it(`${keyword} (${final}) must be there${mayBeEmpty ? ', with or without items' : ' with a value'}`, () => {
        const missing = finish(state, path, undefined)
        expect(answer(missing)).to.equal('C304 409')
        expect(missing.paths).to.deep.equal([path])
        expect(missing.next).to.equal(undefined)
        const blank = finish(state, path, emptyAt(path))
        expect(answer(blank)).to.equal(mayBeEmpty ? 'accepted' : 'C304 409')
      })
    }

    for (const { keyword, path } of list.filter(({ code: final }) => final === 'RC')) {
      it(`${keyword} (RC) need not be there: whether it is known cannot be told`, () => {
        const [tag = '', inner] = path.split('.')
        expect(answer(finish(state, inner === undefined ? tag : `${tag}.${inner}`, undefined))).to.equal('accepted')
      })
    }
  })
}

describe('All other attributes', () => {
  const needed = new Set([...FINAL_COMPLETED, ...FINAL_CANCELED].map(({ path }) => path))
  it('at depth 0 are not demanded by a final state', () => {
    const bare = Object.fromEntries(
      Object.entries(workitemIn('IN PROGRESS').attributes).filter(([tag]) => needed.has(tag)),
    )
    for (const state of ['COMPLETED', 'CANCELED']) {
      const workitem = { ...workitemIn('IN PROGRESS'), attributes: bare }
      expect(answer(run(toState(state, TRANSACTION_UID), factsOf(workitem)))).to.equal('accepted')
    }
  })

  it('of the performed procedure are not demanded either', () => {
    const item = Object.keys(PERFORMED).map((tag) => `${PERFORMED_PROCEDURE}.${tag}`)
    const demandedInside = FINAL_COMPLETED.filter(({ path, code: final }) => path.includes('.') && final === 'P')
    expect(item.toSorted()).to.deep.equal(demandedInside.map(({ path }) => path).toSorted())
    expect(answer(run(toState('COMPLETED', TRANSACTION_UID), factsOf(workitemIn('IN PROGRESS'))))).to.equal('accepted')
  })
})

const completing = (performed: Attribute | undefined): Seen =>
  run(toState('COMPLETED', TRANSACTION_UID), factsOf(workitemIn('IN PROGRESS', { [PERFORMED_PROCEDURE]: performed })))

describe('A performed procedure that is not complete', () => {
  it('with an empty item lacks all five', () => {
    const got = completing(sequence({}))
    expect(answer(got)).to.equal('C304 409')
    expect(got.paths.toSorted()).to.deep.equal(
      Object.keys(PERFORMED)
        .map((tag) => `${PERFORMED_PROCEDURE}.${tag}`)
        .toSorted(),
    )
  })

  it('without an item is named itself', () => {
    for (const performed of [undefined, empty('SQ')]) {
      expect(completing(performed).paths).to.deep.equal([PERFORMED_PROCEDURE])
    }
  })

  const tags: readonly Tag[] = Object.keys(PERFORMED)
  for (const first of tags) {
    it(`names what is missing, be it one or two: ${first}`, () => {
      for (const second of tags.filter((tag) => tag > first)) {
        const got = completing(sequence(changed(PERFORMED, { [first]: undefined, [second]: undefined })))
        expect(answer(got)).to.equal('C304 409')
        expect(got.paths.toSorted()).to.deep.equal(
          [`${PERFORMED_PROCEDURE}.${first}`, `${PERFORMED_PROCEDURE}.${second}`].toSorted(),
        )
      }
    })
  }

  it('names nothing but what is missing: output that is there is not looked into', () => {
    const output = sequence({ '0040E020': text('CS', 'DICOM') })
    expect(answer(completing(sequence({ ...PERFORMED, '00404033': output })))).to.equal('accepted')
  })
})

describe('The sample of a performed treatment', () => {
  it('is an Update that then permits COMPLETED', () => {
    const claimed = workitemIn('IN PROGRESS', { [PERFORMED_PROCEDURE]: empty('SQ') })
    const complete = toState('COMPLETED', TRANSACTION_UID)
    expect(answer(run(complete, factsOf(claimed)))).to.equal('C304 409')
    const updated = run(update(sample('rt-treatment-performed'), TRANSACTION_UID), factsOf(claimed))
    expect(answer(updated)).to.equal('accepted')
    expect(answer(run(complete, factsOf({ ...claimed, attributes: committed(updated) })))).to.equal('accepted')
  })
})

describe('A workitem that becomes CANCELED', () => {
  it('needs no performed procedure, not even a complete one', () => {
    for (const performed of [undefined, empty('SQ'), sequence({}), sequence({ '00404028': sequence(code('S')) })]) {
      const workitem = workitemIn('IN PROGRESS', { [PERFORMED_PROCEDURE]: performed })
      expect(answer(run(toState('CANCELED', TRANSACTION_UID), factsOf(workitem)))).to.equal('accepted')
    }
  })
})
