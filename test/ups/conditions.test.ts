/**
 * The conditions of types 1C and 2C, as a reader of the standard would try them: each item in the place where it stands,
 * in a create and, where an Update may set it, in an Update. `attribute-rows` tries every row by itself.
 */
import { expect } from 'chai'

import type { Attribute, Dataset, Path, Tag } from '../../plugin/dicom/dataset.ts'
import type { Policy } from '../../plugin/ups/policy.ts'
import {
  answer,
  BOTH,
  changed,
  code,
  create,
  empty,
  factsOf,
  LENIENT,
  PAYLOAD,
  person,
  run,
  type Seen,
  sequence,
  STRICT,
  text,
  TRANSACTION_UID,
  update,
  workitemIn,
} from './support.ts'

const creating = (tag: Tag, item: Dataset, policy: Policy): Seen =>
  run(create(changed(PAYLOAD, { [tag]: sequence(item) })), factsOf(undefined, { policy }))

const updating = (tag: Tag, item: Dataset, policy: Policy): Seen =>
  run(
    update({ [tag]: sequence(item) }, TRANSACTION_UID),
    factsOf(workitemIn('IN PROGRESS', { [tag]: empty('SQ') }), { policy }),
  )

interface Case {
  readonly name: string
  readonly item: Dataset
  /** Nothing: accepted. */
  readonly refused?: readonly [status: '0120' | '0121', path: Path]
  readonly policies?: readonly Policy[]
}

function tryAll(tag: Tag, cases: readonly Case[], ways: readonly (typeof creating)[]): void {
  for (const { name, item, refused, policies = BOTH } of cases) {
    it(`${name}: ${refused ? `${refused[0]} at ${refused[1]}` : 'accepted'}`, () => {
      for (const policy of policies) {
        for (const way of ways) {
          const got = way(tag, item, policy)
          expect(got.outcome === 'accepted' ? 'accepted' : answer(got)).to.equal(
            refused ? `${refused[0]} 400` : 'accepted',
          )
          if (refused) expect(got.paths).to.deep.equal([refused[1]])
        }
      }
    })
  }
}

const CREATE_AND_UPDATE = [creating, updating]
const CREATE_ONLY = [creating]

describe('A code item', () => {
  const TAG = '00404018'
  const meaning = { '00080104': text('LO', 'meaning') }
  const scheme = { '00080102': text('SH', 'DCM') }
  const short = { '00080100': text('SH', '110001') }
  const long = { '00080119': text('UC', '12345678901234567890') }
  const urn = { '00080120': text('UR', 'urn:oid:1.2.3') }

  tryAll(
    TAG,
    [
      { name: 'with Code Value and scheme', item: { ...short, ...scheme, ...meaning } },
      { name: 'with Long Code Value and scheme', item: { ...long, ...scheme, ...meaning } },
      { name: 'with URN Code Value and no scheme', item: { ...urn, ...meaning } },
      { name: 'with URN Code Value and a scheme', item: { ...urn, ...scheme, ...meaning } },
      { name: 'with a scheme version', item: { ...short, ...scheme, ...meaning, '00080103': text('SH', '1.0') } },
      { name: 'without any code', item: { ...scheme, ...meaning }, refused: ['0120', `${TAG}.00080100`] },
      { name: 'without any code and scheme', item: meaning, refused: ['0120', `${TAG}.00080100`] },
      {
        name: 'with an empty Code Value alone',
        item: { '00080100': empty('SH'), ...scheme, ...meaning },
        refused: ['0121', `${TAG}.00080100`],
      },
      {
        name: 'with an empty Code Value beside a long one',
        item: { '00080100': empty('SH'), ...long, ...scheme, ...meaning },
      },
      { name: 'with Code Value and no scheme', item: { ...short, ...meaning }, refused: ['0120', `${TAG}.00080102`] },
      {
        name: 'with Long Code Value and no scheme',
        item: { ...long, ...meaning },
        refused: ['0120', `${TAG}.00080102`],
      },
      {
        name: 'with an empty scheme',
        item: { ...short, ...meaning, '00080102': empty('SH') },
        refused: ['0121', `${TAG}.00080102`],
      },
      { name: 'without meaning', item: { ...short, ...scheme }, refused: ['0120', `${TAG}.00080104`] },
      {
        name: 'with an empty meaning',
        item: { ...short, ...scheme, '00080104': empty('LO') },
        refused: ['0121', `${TAG}.00080104`],
      },
    ],
    CREATE_AND_UPDATE,
  )
})

describe('A content item', () => {
  const TAG = '00741210'
  const values: readonly (readonly [valueType: string, Tag, Attribute, others?: Dataset])[] = [
    ['DATETIME', '0040A120', text('DT', '20260301')],
    ['DATE', '0040A121', text('DA', '20260301')],
    ['TIME', '0040A122', text('TM', '0900')],
    ['PNAME', '0040A123', person('Doe^Jane')],
    ['UIDREF', '0040A124', text('UI', '1.2.3')],
    ['TEXT', '0040A160', text('UT', 'text')],
    ['CODE', '0040A168', sequence(code('X'))],
    ['NUMERIC', '0040A30A', text('DS', '1.5'), { '004008EA': sequence(code('cm')) }],
    ['NUMERIC', '004008EA', sequence(code('cm')), { '0040A30A': text('DS', '1.5') }],
  ]

  const concept = { '0040A043': sequence(code('NAME')) }
  const cases = values.flatMap(([valueType, tag, value, others = {}]): readonly Case[] => {
    const item: Dataset = { '0040A040': text('CS', valueType), ...concept, ...others }
    return [
      { name: `${valueType} with ${tag}`, item: { ...item, [tag]: value } },
      { name: `${valueType} without ${tag}`, item, refused: ['0120', `${TAG}.${tag}`] },
      {
        name: `${valueType} with ${tag} empty`,
        item: { ...item, [tag]: empty(value.vr) },
        refused: ['0121', `${TAG}.${tag}`],
      },
    ]
  })

  tryAll(
    TAG,
    [
      ...cases,
      { name: 'of a type for which the macro has no value', item: { '0040A040': text('CS', 'COMPOSITE'), ...concept } },
      { name: 'without type', item: concept, refused: ['0120', `${TAG}.0040A040`] },
      {
        name: 'without name',
        item: { '0040A040': text('CS', 'TEXT'), '0040A160': text('UT', 'text') },
        refused: ['0120', `${TAG}.0040A043`],
      },
    ],
    CREATE_AND_UPDATE,
  )
})

describe('An instance reference', () => {
  const TAG = '00404021'
  const instance = { '00081150': text('UI', '1.2.840.10008.5.1.4.1.1.2'), '00081155': text('UI', '1.2.3') }
  const references = (type: string, reference: Dataset = instance): Dataset => ({
    '0040E020': text('CS', type),
    '00081199': sequence(reference),
  })
  const pacs = { '0040E021': sequence({ '00080054': text('AE', 'PACS') }) }
  const identified = { ...instance, '0040E001': text('ST', '1.2.3^4') }

  tryAll(
    TAG,
    [
      { name: 'DICOM, without study and series', item: { ...references('DICOM'), ...pacs } },
      { name: 'CDA with HL7 Instance Identifier', item: { ...references('CDA', identified), ...pacs } },
      {
        name: 'CDA without HL7 Instance Identifier',
        item: { ...references('CDA'), ...pacs },
        refused: ['0120', `${TAG}.00081199.0040E001`],
      },
      {
        name: 'CDA with an empty HL7 Instance Identifier',
        item: { ...references('CDA', { ...instance, '0040E001': empty('ST') }), ...pacs },
        refused: ['0121', `${TAG}.00081199.0040E001`],
      },
      {
        name: 'without type',
        item: { '00081199': sequence(instance), ...pacs },
        refused: ['0120', `${TAG}.0040E020`],
      },
      {
        name: 'without instances',
        item: { '0040E020': text('CS', 'DICOM'), ...pacs },
        refused: ['0120', `${TAG}.00081199`],
      },
      { name: 'without any retrieval sequence, in lenient', item: references('DICOM'), policies: [LENIENT] },
      {
        name: 'with an empty retrieval sequence, in lenient',
        item: { ...references('DICOM'), '0040E021': empty('SQ') },
        policies: [LENIENT],
      },
      {
        name: 'without any retrieval sequence, in strict',
        item: references('DICOM'),
        refused: ['0120', `${TAG}.0040E021`],
        policies: [STRICT],
      },
      {
        name: 'with an empty retrieval sequence, in strict',
        item: { ...references('DICOM'), '0040E021': empty('SQ') },
        refused: ['0121', `${TAG}.0040E021`],
        policies: [STRICT],
      },
      ...(
        [
          ['DICOM media', '0040E022', { '00880130': empty('SH'), '00880140': text('UI', '1.2.3') }],
          ['WADO', '0040E023', { '0040E010': text('UR', 'https://example.org') }],
          ['XDS', '0040E024', { '0040E030': text('UI', '1.2.3') }],
          ['WADO-RS', '0040E025', { '00081190': text('UR', 'https://example.org') }],
        ] as const
      ).map(([name, tag, item]): Case => ({
        name: `with ${name} retrieval alone`,
        item: { ...references('DICOM'), [tag]: sequence(item) },
      })),
      {
        name: 'with an incomplete retrieval item',
        item: { ...references('DICOM'), '0040E025': sequence({}) },
        refused: ['0120', `${TAG}.0040E025.00081190`],
      },
    ],
    CREATE_AND_UPDATE,
  )
})

describe('An output destination', () => {
  const TAG = '00404070'
  tryAll(
    TAG,
    [
      { name: 'in DICOM', item: { '00404071': sequence({ '21000140': text('AE', 'PACS') }) } },
      { name: 'in STOW-RS', item: { '00404072': sequence({ '00404073': text('UR', 'https://example.org') }) } },
      { name: 'in XDS', item: { '00404074': sequence({ '0040E030': text('UI', '1.2.3') }) } },
      { name: 'nowhere', item: {}, refused: ['0120', `${TAG}.00404071`] },
      {
        name: 'nowhere, said as an empty sequence',
        item: { '00404071': empty('SQ') },
        refused: ['0121', `${TAG}.00404071`],
      },
      {
        name: 'in DICOM without an AE',
        item: { '00404071': sequence({}) },
        refused: ['0120', `${TAG}.00404071.21000140`],
      },
    ],
    CREATE_AND_UPDATE,
  )
})

describe('A hierarchic designator', () => {
  const TAG = '00380014'
  const local = { '00400031': text('UT', 'HOSP') }
  const universal = { '00400032': text('UT', '1.2.3') }
  const type = { '00400033': text('CS', 'ISO') }
  tryAll(
    TAG,
    [
      { name: 'with a local name', item: local },
      { name: 'with a universal name and its type', item: { ...universal, ...type } },
      { name: 'with both', item: { ...local, ...universal, ...type } },
      { name: 'with neither', item: {}, refused: ['0120', `${TAG}.00400031`] },
      { name: 'with an empty local name', item: { '00400031': empty('UT') }, refused: ['0121', `${TAG}.00400031`] },
      { name: 'with a universal name without type', item: universal, refused: ['0120', `${TAG}.00400033`] },
      {
        name: 'with a universal name and an empty type',
        item: { ...universal, '00400033': empty('CS') },
        refused: ['0121', `${TAG}.00400033`],
      },
    ],
    CREATE_ONLY,
  )
})

describe('A human performer', () => {
  const TAG = '00404034'
  const complete: Dataset = {
    '00404009': sequence(code('THER1')),
    '00404037': person('Roe^Jane'),
    '00404036': text('LO', 'Radiology'),
  }
  tryAll(
    TAG,
    [
      { name: 'with code, name and organization', item: complete },
      ...Object.keys(complete).map((tag): Case => ({
        name: `without ${tag}`,
        item: changed(complete, { [tag]: undefined }),
        refused: ['0120', `${TAG}.${tag}`],
      })),
    ],
    CREATE_AND_UPDATE,
  )
})

const sending = (patientId: Attribute | undefined, policy: Policy): Seen =>
  run(create(changed(PAYLOAD, { '00100020': patientId })), factsOf(undefined, { policy }))

describe('A condition that cannot be told from the dataset', () => {
  const cases: readonly (readonly [name: string, Tag, empty: Attribute])[] = [
    ['whether an extended character set is used', '00080005', empty('CS')],
    ['whether instances with a study will be created', '0020000D', empty('UI')],
    ['whether a human performer is specified', '00404034', empty('SQ')],
    ['whether another procedure step is replaced', '00741224', empty('SQ')],
  ]
  for (const [name, tag, blank] of cases) {
    it(`counts as not met: ${name}`, () => {
      for (const policy of BOTH) {
        for (const attribute of [undefined, blank]) {
          const got = run(create(changed(PAYLOAD, { [tag]: attribute })), factsOf(undefined, { policy }))
          expect(answer(got)).to.equal('accepted')
        }
      }
    })
  }

  it('makes Patient ID a type 2 attribute', () => {
    for (const policy of BOTH) expect(answer(sending(empty('LO'), policy))).to.equal('accepted')
    expect(answer(sending(undefined, LENIENT))).to.equal('accepted B300')
    expect(sending(undefined, LENIENT).next?.attributes['00100020']).to.deep.equal(empty('LO'))
    expect(answer(sending(undefined, STRICT))).to.equal('0120 400')
  })
})
