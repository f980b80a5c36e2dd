/** The published schema against Table CC.2.5-3 as it is transcribed, and against the resolvers. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  buildSchema,
  getNamedType,
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  isEnumType,
  isInputObjectType,
  isObjectType,
  isScalarType,
  validateSchema,
} from 'graphql'
import { keywordOf } from '../../plugin/dicom/dictionary.ts'
import { ATTRIBUTE_RESOLVERS } from '../../plugin/graphql/attribute-resolvers.ts'
import { enumValueName, fieldName } from '../../plugin/graphql/names.ts'
import { readSdl } from '../../plugin/graphql/sdl.ts'
import table from '../../schema/attribute-table.json' with { type: 'json' }
import { attributesSdl, FOLDER, publishedSdl, readByHand } from '../../schema/graphql/derive.ts'
import { sharedPath } from '../config/shared-directory.ts'
import { MATCHING_KEYS_REQUIRED } from '../ups/transcription/a-6.ts'
import { type Node, ROOT } from '../ups/table-datasets.ts'
import { OF_THE_WORKLIST } from './support.ts'

const published = buildSchema(readSdl())
const objectType = (name: string): GraphQLObjectType => published.getType(name) as GraphQLObjectType
const inputType = (name: string): GraphQLInputObjectType => published.getType(name) as GraphQLInputObjectType
const enumType = (name: string): GraphQLEnumType => published.getType(name) as GraphQLEnumType

const SHOWN = ROOT.filter(({ tag }) => tag !== '00081195')
const BESIDE_THE_TABLE = ['dataset', 'attribute']
const OPTIONS = ['attributes', 'emptyValueMatching', 'fuzzyMatching', 'multipleValueMatching']

const VALUE_TYPES: Readonly<Record<string, string>> = {
  AE: 'String',
  CS: 'String',
  DA: 'DicomDate',
  DS: 'Float',
  DT: 'DicomDateTime',
  IS: 'Int',
  LO: 'String',
  LT: 'String',
  PN: 'PersonName',
  SH: 'String',
  ST: 'String',
  TM: 'DicomTime',
  UC: 'String',
  UI: 'String',
  UR: 'String',
  US: 'Int',
  UT: 'String',
}

const ENUMS: Readonly<Record<string, readonly string[]>> = {
  ProcedureStepState: ['SCHEDULED', 'IN_PROGRESS', 'COMPLETED', 'CANCELED'],
  ScheduledProcedureStepPriority: ['HIGH', 'MEDIUM', 'LOW'],
  InputReadinessState: ['INCOMPLETE', 'UNAVAILABLE', 'READY'],
}

/** The words of a name in GraphQL are those of the keyword, the first of them small. */
const isNameOf = (name: string, keyword: string): boolean =>
  name.toLowerCase() === keyword.toLowerCase() &&
  /^[a-z]/.test(name) &&
  keyword.endsWith(name.replace(/^[a-z0-9]+/, ''))

const isSequenceType = (name: string): boolean => !Object.values(VALUE_TYPES).includes(name)

/** Calls `see` with each node and its field; fails where a type has another number of fields than the table has rows. */
function walk(nodes: readonly Node[], type: GraphQLObjectType, see: (node: Node, field: FieldOf) => void): void {
  const beside = type.name === 'Workitem' ? [...BESIDE_THE_TABLE, ...OF_THE_WORKLIST] : []
  const fields = Object.values(type.getFields()).filter(({ name }) => !beside.includes(name))
  expect(fields.length, type.name).to.equal(nodes.length)
  for (const node of nodes) {
    const field = fields.find(({ name }) => name.toLowerCase() === node.row.keyword.toLowerCase())
    if (field === undefined) throw new Error(`${type.name} has no ${node.row.keyword}`)
    see(node, field)
    if (node.row.vr === 'SQ') walk(node.children, getNamedType(field.type) as GraphQLObjectType, see)
  }
}

type FieldOf = ReturnType<GraphQLObjectType['getFields']>[string]

describe('The files of schema/graphql', () => {
  it('are what derive.ts writes', () => {
    expect(readFileSync(join(FOLDER, 'attributes.graphql'), 'utf8') === attributesSdl()).to.equal(true)
    expect(readFileSync(join(FOLDER, 'archive-ups.graphql'), 'utf8') === publishedSdl(readByHand)).to.equal(true)
  })

  it('are a valid schema, in which nothing extends anything', () => {
    expect(validateSchema(published)).to.deep.equal([])
    expect(readSdl()).not.to.match(/^extend /m)
  })
})

describe('The types of attributes', () => {
  const all: { readonly node: Node; readonly field: FieldOf }[] = []
  before(() => walk(SHOWN, objectType('Workitem'), (node, field) => all.push({ node, field })))

  it('have a field for every row of the table, in every place, and no other', () => {
    expect(all.length).to.equal(table.rows.length - 1)
  })

  it('have the keywords as names', () => {
    expect(all.filter(({ node, field }) => !isNameOf(field.name, node.row.keyword))).to.deep.equal([])
  })

  it('have the types that go with VR and VM', () => {
    for (const { node, field } of all) {
      const { vr, vm, keyword, path } = node.row
      const named = getNamedType(field.type).name
      const one = vr === 'SQ' ? named : keyword in ENUMS ? keyword : VALUE_TYPES[vr]
      expect(String(field.type), path).to.equal(vr === 'SQ' || vm === '1-n' ? `[${one}!]!` : one)
      if (vr === 'SQ') expect(isSequenceType(named), path).to.equal(true)
    }
  })

  it('are described by the tag', () => {
    for (const { node, field } of all) {
      expect(field.description, node.row.path).to.match(
        new RegExp(`\\(${node.tag.slice(0, 4)},${node.tag.slice(4)}\\)$`),
      )
    }
  })

  it('are shared by sequences whose items are alike: 22 of them, 31 sequences are of codes', () => {
    const sequences = all.filter(({ node }) => node.row.vr === 'SQ')
    const types = sequences.map(({ field }) => getNamedType(field.type).name)
    expect(new Set(types).size).to.equal(22)
    expect(types.filter((name) => name === 'Code').length).to.equal(31)
  })

  it('have the enumerated values of states, priorities and readiness', () => {
    for (const [name, values] of Object.entries(ENUMS)) {
      expect(
        enumType(name)
          .getValues()
          .map((value) => value.name),
        name,
      ).to.deep.equal(values)
    }
  })

  const requirements = sharedPath('spec', 'attribute-requirements.json')
  if (requirements !== undefined) {
    it('are described by the name of the standard', () => {
      const rows = JSON.parse(readFileSync(requirements, 'utf8')) as readonly { path: string[]; name: string }[]
      const names = new Map(rows.map(({ path, name }) => [path.join('.'), name]))
      for (const { node, field } of all) {
        const { path } = node.row
        expect(field.description, path).to.equal(`${names.get(path)} (${node.tag.slice(0, 4)},${node.tag.slice(4)})`)
      }
    })
  }
})

describe('Names', () => {
  it('have the first word of a keyword small', () => {
    const names: Readonly<Record<string, string>> = {
      SOPInstanceUID: 'sopInstanceUID',
      IssuerOfPatientID: 'issuerOfPatientID',
      HL7InstanceIdentifier: 'hl7InstanceIdentifier',
      URNCodeValue: 'urnCodeValue',
      DICOMStorageSequence: 'dicomStorageSequence',
      UID: 'uid',
      Date: 'date',
      DateTime: 'dateTime',
      StudyInstanceUID: 'studyInstanceUID',
      STOWRSStorageSequence: 'stowrsStorageSequence',
      XDSRetrievalSequence: 'xdsRetrievalSequence',
    }
    for (const [keyword, name] of Object.entries(names)) expect(fieldName(keyword)).to.equal(name)
  })

  it('have underscores between the words of an enumerated value', () => {
    const names: Readonly<Record<string, string>> = {
      ScheduledProcedureStepStartDateTime: 'SCHEDULED_PROCEDURE_STEP_START_DATE_TIME',
      PatientID: 'PATIENT_ID',
      SOPInstanceUID: 'SOP_INSTANCE_UID',
      IssuerOfPatientID: 'ISSUER_OF_PATIENT_ID',
      'IN PROGRESS': 'IN_PROGRESS',
    }
    for (const [keyword, name] of Object.entries(names)) expect(enumValueName(keyword)).to.equal(name)
  })
})

describe('The resolvers of attributes', () => {
  const resolvers: Readonly<Record<string, object>> = ATTRIBUTE_RESOLVERS

  it('are there for every field of their types, and for no other', () => {
    for (const [name, fields] of Object.entries(resolvers)) {
      const type = published.getType(name)
      const expected = isObjectType(type)
        ? Object.keys(type.getFields())
        : enumType(name)
            .getValues()
            .map((v) => v.name)
      expect(Object.keys(fields).toSorted(), name).to.include.members(
        name === 'Workitem' ? [...SHOWN.map(({ row }) => fieldName(row.keyword)), ...BESIDE_THE_TABLE] : expected,
      )
      expect(expected, name).to.include.members(Object.keys(fields))
    }
  })

  it('are there for every type that attributes lead to, but for scalars and one without any', () => {
    const seen = new Set<GraphQLNamedType>()
    const visit = (type: GraphQLNamedType): void => {
      if (seen.has(type)) return
      seen.add(type)
      if (isObjectType(type)) for (const field of Object.values(type.getFields())) visit(getNamedType(field.type))
    }
    for (const name of [...SHOWN.map(({ row }) => fieldName(row.keyword)), ...BESIDE_THE_TABLE]) {
      const field = objectType('Workitem').getFields()[name]
      if (field === undefined) throw new Error(`Workitem has no ${name}`)
      visit(getNamedType(field.type))
    }
    const without = [...seen].filter(({ name }) => !(name in resolvers) && !isScalarType(published.getType(name)))
    expect(without.map(({ name }) => name).toSorted()).to.deep.equal(['DateTimePrecision', 'DicomAttribute'])
  })
})

/** The keys of the table as its file has them, and sequences that lead to some. */
const rowsBelow = (parent: string) =>
  table.rows.filter(({ path }) => path.slice(0, -9) === parent && path !== '00081195')
const leadsToKey = ({ path, match }: { readonly path: string; readonly match: string }): boolean =>
  match !== '-' || rowsBelow(path).some(leadsToKey)

describe('The types of filters', () => {
  it('have a field for every matching key of the table at the top level, and the options', () => {
    const keys = rowsBelow('').filter(leadsToKey)
    expect(Object.keys(inputType('WorkitemFilter').getFields()).toSorted()).to.deep.equal(
      [...keys.map(({ keyword }) => fieldName(keyword)), ...OPTIONS].toSorted(),
    )
  })

  it('have a field for every matching key inside sequences', () => {
    for (const { path, keyword, match } of table.rows.filter((row) => row.match !== '-')) {
      let type: GraphQLNamedType = inputType('WorkitemFilter')
      for (const tag of path.split('.')) {
        if (!isInputObjectType(type)) throw new Error(`${keyword} (${match}) is not behind input types`)
        const field: { readonly type: Parameters<typeof getNamedType>[0] } | undefined = Object.values(
          type.getFields(),
        ).find(({ name }) => name === fieldName(keywordOf(tag) ?? ''))
        if (field === undefined) throw new Error(`${type.name} has no field for ${tag} of ${path}`)
        type = getNamedType(field.type) as GraphQLNamedType
      }
    }
  })

  it('have the keys that A.6 demands', () => {
    for (const { path } of MATCHING_KEYS_REQUIRED) {
      const [top = ''] = path.split('.')
      expect(Object.keys(inputType('WorkitemFilter').getFields())).to.include(fieldName(keywordOf(top) ?? ''))
    }
  })

  it('take lists of text, ranges of dates and times, and enumerated values', () => {
    const fields = inputType('WorkitemFilter').getFields()
    const types = ['patientID', 'patientName', 'pregnancyStatus', 'patientBirthDate', 'procedureStepState'].map(
      (name) => String(fields[name]?.type),
    )
    expect(types).to.deep.equal(['[String!]', '[String!]', '[Int!]', 'DateMatch', '[ProcedureStepState!]'])
    expect(String(fields['scheduledProcedureStepStartDateTime']?.type)).to.equal('DateTimeMatch')
    expect(String(fields['scheduledStationNameCodeSequence']?.type)).to.equal('CodeFilter')
    const request = inputType('ReferencedRequestFilter').getFields()
    expect(String(request['issueTimeOfImagingServiceRequest']?.type)).to.equal('TimeMatch')
  })

  it('share the keys of sequences whose items are alike', () => {
    expect(Object.keys(inputType('CodeFilter').getFields())).to.deep.equal([
      'codeValue',
      'codingSchemeDesignator',
      'longCodeValue',
      'urnCodeValue',
    ])
  })
})

describe('The fields of an order', () => {
  it('are the attributes of the top level that are no sequences', () => {
    const expected = SHOWN.filter(({ row }) => row.vr !== 'SQ').map(({ row }) => enumValueName(row.keyword))
    expect(
      enumType('WorkitemOrderField')
        .getValues()
        .map(({ name }) => name)
        .toSorted(),
    ).to.deep.equal(expected.toSorted())
  })

  it('stand for the tags', () => {
    const tags: Readonly<Record<string, unknown>> = ATTRIBUTE_RESOLVERS.WorkitemOrderField
    for (const { row, tag } of SHOWN.filter((node) => node.row.vr !== 'SQ')) {
      expect(tags[enumValueName(row.keyword)]).to.equal(tag)
    }
  })
})

describe('The Transaction UID', () => {
  const HIDDEN = /transaction_?uid|00081195|0008,1195/i
  const ARGUMENT_OF = ['Mutation.update(transactionUID)', 'Mutation.changeState(transactionUID)']
  const VALUE_OF = ['ErrorCode.TRANSACTION_UID_MISSING', 'ErrorCode.TRANSACTION_UID_INCORRECT']

  it('is an argument of update and changeState, the reason of two refusals, and nowhere else', () => {
    const names = Object.values(published.getTypeMap()).flatMap(namesIn)
    expect(names.filter((name) => HIDDEN.test(name)).toSorted()).to.deep.equal([...ARGUMENT_OF, ...VALUE_OF].toSorted())
    expect(names.length).to.be.greaterThan(700)
  })

  it('is nowhere in what follows from the table, but for those refusals', () => {
    const refusals = /^ {2}"""C301: [^"]*"""\n {2}TRANSACTION_UID_(?:MISSING|INCORRECT)\n/gm
    expect(attributesSdl().match(refusals)?.length).to.equal(2)
    expect(HIDDEN.test(attributesSdl().replaceAll(refusals, ''))).to.equal(false)
    expect(HIDDEN.test(JSON.stringify(ATTRIBUTE_RESOLVERS, (_, value: unknown) => value ?? null))).to.equal(false)
  })
})

/** Every name of a type, with those of its fields, arguments and values. */
function namesIn(type: GraphQLNamedType): readonly string[] {
  if (isEnumType(type)) return [type.name, ...type.getValues().map(({ name }) => `${type.name}.${name}`)]
  if (isInputObjectType(type))
    return [type.name, ...Object.keys(type.getFields()).map((name) => `${type.name}.${name}`)]
  if (!isObjectType(type)) return [type.name]
  const fields = Object.values(type.getFields()).flatMap(({ name, args }) => [
    `${type.name}.${name}`,
    ...args.map((argument) => `${type.name}.${name}(${argument.name})`),
  ])
  return [type.name, ...fields]
}
