/** What `decide` does with every row of Table CC.2.5-3: the attribute missing, empty and filled, in both modes. */
import { expect } from 'chai'

import type { Attribute, Dataset, Tag } from '../../plugin/dicom/dataset.ts'
import type { Policy } from '../../plugin/ups/policy.ts'
import { type Case, casesOf, expectedOf } from './attribute-cases.ts'
import {
  answer,
  at,
  BOTH,
  changed,
  create,
  factsOf,
  firstItem,
  LABEL,
  run,
  type Seen,
  SOP_CLASS,
  STAMP,
  text,
  TRANSACTION_UID,
  UID,
  update,
  workitemIn,
} from './support.ts'
import {
  datasetWith,
  emptyOf,
  filledOf,
  least,
  leastItem,
  type Node,
  nodesTo,
  type Operation,
  scuOf,
  type Variant,
} from './table-datasets.ts'
import { type AttributeRow, CC_2_5_3 } from './transcription/cc-2-5-3.ts'

const OPERATIONS: readonly Operation[] = ['create', 'set']
const VARIANTS: readonly Variant[] = ['missing', 'empty', 'filled']

/** The workitem that is updated: with a value in every attribute that an Update must not change. */
const STORED_FOR_SET: Dataset = (() => {
  const attributes: Record<Tag, Attribute> = { ...workitemIn('IN PROGRESS').attributes }
  for (const { path } of CC_2_5_3.filter((row) => row.set === 'NA' && !row.path.includes('.'))) {
    const [node] = nodesTo(path)
    if (node) attributes[path] = filledOf(node, 'create')
  }
  return {
    ...attributes,
    '00080016': text('UI', SOP_CLASS),
    '00080018': text('UI', UID),
    '00741000': text('CS', 'IN PROGRESS'),
  }
})()

const stored = workitemIn('IN PROGRESS', STORED_FOR_SET)

const execute = (dataset: Dataset, operation: Operation, policy: Policy): Seen =>
  operation === 'create'
    ? run(create(dataset), factsOf(undefined, { policy }))
    : run(update(dataset, TRANSACTION_UID), factsOf(stored, { policy }))

const MODIFIED: Readonly<Record<Operation, string>> = { create: 'accepted B300', set: 'accepted B305' }

function expectCase(row: AttributeRow, which: Case, variant: Variant, operation: Operation, policy: Policy): void {
  const { strictness } = policy
  const dataset = datasetWith(row.path, variant, operation, which.setting)
  const got = execute(dataset, operation, policy)
  const about = `${which.name}, ${variant}, ${strictness}: ${got.paths.join(' ')}`
  const expected = expectedOf(which, variant, strictness)
  if (expected.includes('added')) {
    expect(answer(got), about).to.equal(MODIFIED[operation])
    expect(got.next && at(got.next.attributes, row.path), about).to.deep.equal({ vr: row.vr })
    return
  }
  expect(answer(got), about).to.be.oneOf(expected)
  if (got.outcome === 'refused') {
    if (!which.shared) expect(got.paths, about).to.include(row.path)
  } else if (got.next) {
    expect(at(got.next.attributes, row.path), about).to.deep.equal(at(dataset, row.path))
  }
}

const isRoot = ({ path }: AttributeRow): boolean => !path.includes('.')

const EMPTY_ON_CREATE: ReadonlySet<string> = new Set(['00741002', '00741216'])

/** The sequence around it must be empty, or must not be changed at all. */
function unreachable(row: AttributeRow, operation: Operation): boolean {
  const around = nodesTo(row.path).slice(0, -1)
  return operation === 'create'
    ? around.some(({ tag }) => EMPTY_ON_CREATE.has(tag))
    : around.some((node) => node.row.set === 'NA')
}

/** The items have what they need, by the operation that can reach them, and something that is not stored. */
function expectUnreachable(row: AttributeRow, operation: Operation): void {
  const [root = ''] = row.path.split('.')
  const other = operation === 'create' ? 'set' : 'create'
  const item = firstItem(datasetWith(row.path, 'filled', other), root)
  const items: Attribute = { vr: 'SQ', Value: [{ ...item, '00080070': text('LO', 'not stored') }] }
  for (const policy of BOTH) {
    const dataset = { ...(operation === 'create' ? least('create') : {}), [root]: items }
    const got = execute(dataset, operation, policy)
    expect(answer(got), policy.strictness).to.equal('0105 400')
    expect(got.paths, policy.strictness).to.include(root)
  }
}

/** Rows whose cell is prose, or says what the service does: `the rows that the service keeps`, below. */
const KEPT_BY_THE_SERVICE: Readonly<Record<Operation, ReadonlySet<string>>> = {
  create: new Set([
    'TransactionUID',
    'SOPClassUID',
    'SOPInstanceUID',
    'ScheduledProcedureStepModificationDateTime',
    'WorklistLabel',
    'ProcedureStepProgressInformationSequence',
    'UnifiedProcedureStepPerformedProcedureSequence',
  ]),
  set: new Set(['TransactionUID', 'ScheduledProcedureStepModificationDateTime']),
}

/** At depth 0 an Update may leave everything out, and what it must not change it may send back. */
function expectRootOfSet(row: AttributeRow, node: Node): void {
  const notAllowed = row.set === 'NA'
  const demanded = scuOf(row, 'create') === '1'
  for (const policy of BOTH) {
    const { strictness } = policy
    const answerTo = (attribute: Attribute | undefined): string =>
      answer(execute(changed({}, { [node.tag]: attribute }), 'set', policy))
    const same = STORED_FOR_SET[node.tag]
    expect(answerTo(undefined), `missing, ${strictness}`).to.equal('accepted')
    if (notAllowed) {
      expect(answerTo(emptyOf(node)), `blanked, ${strictness}`).to.equal('0105 400')
      expect(answerTo(another(node)), `another, ${strictness}`).to.equal('0105 400')
      expect(answerTo(same), `the same, ${strictness}`).to.equal(strictness === 'strict' ? '0105 400' : 'accepted')
    } else {
      const relabelled = row.keyword === 'WorklistLabel' ? 'accepted B305' : 'accepted'
      expect(answerTo(emptyOf(node)), `blanked, ${strictness}`).to.equal(demanded ? '0121 400' : relabelled)
      expect(answerTo(filledOf(node, 'set')), `filled, ${strictness}`).to.equal('accepted')
    }
  }
}

/** A right value that is not the stored one. */
function another(node: Node): Attribute {
  const { tag, children } = node
  if (children.length > 0) return { vr: 'SQ', Value: [leastItem(children, 'create'), leastItem(children, 'create')] }
  if (tag === '00741000') return text('CS', 'COMPLETED')
  if (tag === '00100040') return text('CS', 'O')
  const attribute = filledOf(node, 'create')
  const [value] = attribute.Value ?? []
  if (attribute.vr === 'PN') return { vr: 'PN', Value: [{ Alphabetic: 'Other^One' }] }
  if (attribute.vr === 'DA') return text('DA', '19991231')
  return { vr: attribute.vr, Value: [`${String(value)}1`] }
}

describe('Every row of Table CC.2.5-3', () => {
  it('starts from the least dataset, which is accepted without a remark', () => {
    for (const policy of BOTH) expect(answer(execute(least('create'), 'create', policy))).to.equal('accepted')
  })

  for (const row of CC_2_5_3) {
    for (const operation of OPERATIONS) {
      if (KEPT_BY_THE_SERVICE[operation].has(row.keyword) && isRoot(row)) continue
      const name = `${row.path} ${row.keyword}, ${row[operation]} in ${operation === 'create' ? 'N-CREATE' : 'N-SET'}`
      if (unreachable(row, operation)) {
        it(`${name}: cannot be reached`, () => expectUnreachable(row, operation))
      } else if (operation === 'set' && isRoot(row)) {
        const [node] = nodesTo(row.path)
        if (node) it(name, () => expectRootOfSet(row, node))
      } else {
        it(name, () => {
          for (const policy of BOTH) {
            for (const which of casesOf(row, operation)) {
              for (const variant of VARIANTS) expectCase(row, which, variant, operation, policy)
            }
          }
        })
      }
    }
  }
})

const created = (changes: Readonly<Record<Tag, Attribute | undefined>>, policy: Policy): Seen =>
  execute(changed(least('create'), changes), 'create', policy)

describe('The rows that the service keeps', () => {
  for (const policy of BOTH) {
    const { strictness } = policy
    const missing = strictness === 'strict' ? '0120 400' : undefined

    it(`Transaction UID must be empty in N-CREATE, ${strictness}`, () => {
      expect(answer(created({ '00081195': { vr: 'UI' } }, policy))).to.equal('accepted')
      expect(answer(created({ '00081195': text('UI', '1.2.3') }, policy))).to.equal('0105 400')
      const without = created({ '00081195': undefined }, policy)
      if (missing === undefined) expect(without.next?.attributes).to.not.have.property('00081195')
      else expect(answer(without)).to.equal(missing)
    })

    for (const tag of EMPTY_ON_CREATE) {
      it(`${tag} must be there and empty in N-CREATE, ${strictness}`, () => {
        expect(answer(created({ [tag]: { vr: 'SQ' } }, policy))).to.equal('accepted')
        expect(answer(created({ [tag]: { vr: 'SQ', Value: [{}] } }, policy))).to.equal('0105 400')
        const without = created({ [tag]: undefined }, policy)
        expect(answer(without)).to.equal(missing ?? 'accepted B300')
        expect(without.next?.attributes[tag]).to.deep.equal(missing === undefined ? { vr: 'SQ' } : undefined)
      })
    }

    it(`Worklist Label may be empty in N-CREATE and gets the default, ${strictness}`, () => {
      const blank = created({ '00741202': { vr: 'LO' } }, policy)
      expect(answer(blank)).to.equal('accepted B300')
      expect(blank.next?.attributes['00741202']).to.deep.equal(text('LO', LABEL))
      const without = created({ '00741202': undefined }, policy)
      expect(answer(without)).to.equal(missing ?? 'accepted B300')
      expect(without.next?.attributes['00741202']).to.deep.equal(missing === undefined ? text('LO', LABEL) : undefined)
      expect(created({ '00741202': text('LO', 'own') }, policy).next?.attributes['00741202']).to.deep.equal(
        text('LO', 'own'),
      )
    })

    it(`SOP Class UID, SOP Instance UID and the modification date-time need not be sent, ${strictness}`, () => {
      const got = created({ '00080016': undefined, '00080018': undefined, '00404010': undefined }, policy)
      expect(answer(got)).to.equal('accepted')
      expect(got.next?.attributes['00080016']).to.deep.equal(text('UI', SOP_CLASS))
      expect(got.next?.attributes['00080018']).to.deep.equal(text('UI', UID))
      expect(got.next?.attributes['00404010']).to.deep.equal(text('DT', STAMP))
    })

    it(`Transaction UID and modification date-time of an N-SET are not set, ${strictness}`, () => {
      const got = execute({ '00081195': text('UI', TRANSACTION_UID), '00404010': text('DT', '1999') }, 'set', policy)
      expect(answer(got)).to.equal('accepted')
      expect(got.next).to.equal(undefined)
    })
  }
})
