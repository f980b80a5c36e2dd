/** What the fields of a workitem give, through the published schema and its resolvers. */
import { expect } from 'chai'
import fc from 'fast-check'
import { getNamedType, type GraphQLObjectType, isObjectType, isListType, isNonNullType } from 'graphql'
import type { Attribute, Dataset, Tag, Value } from '../../plugin/dicom/dataset.ts'
import type { VR } from '../../plugin/dicom/vr.ts'
import { arbitraryDataset } from '../dicom/dataset-arbitrary.ts'
import { sample } from '../support/workitems.ts'
import { ask, everythingOf, fieldsOf, fullDataset, plain, schema, type Shape, shown } from './support.ts'

const WORKITEM = schema.getType('Workitem') as GraphQLObjectType
const EVERYTHING = everythingOf(WORKITEM).slice(1, -1)

const one = (tag: Tag, vr: VR, ...values: readonly Value[]): Dataset => ({ [tag]: { vr, Value: values } })

/** The value of one field, with a selection in braces behind its name. */
const fieldOf = async (dataset: Dataset, field: string, timeZone?: string): Promise<unknown> => {
  const found = await shown(dataset, field, timeZone === undefined ? {} : { timeZone })
  return found[field.split(/[ (]/)[0] ?? '']
}

/** Paths of fields that are null or empty, below objects that are there. */
function missingIn(value: unknown, type: GraphQLObjectType, path: string): readonly string[] {
  return fieldsOf(type).flatMap((field) => {
    const at = `${path}.${field.name}`
    const found = (value as Shape)[field.name]
    if (found === null || found === undefined || (Array.isArray(found) && found.length === 0)) return [at]
    const named = getNamedType(field.type)
    if (!isObjectType(named)) return []
    return (Array.isArray(found) ? found : [found]).flatMap((item) => missingIn(item, named, at))
  })
}

describe('A workitem in GraphQL', () => {
  it('has a value in every field of every type when its dataset has every attribute of the table', async () => {
    const missing = missingIn(await shown(fullDataset(), EVERYTHING), WORKITEM, 'Workitem')
    // The sample name is `Doe^Jane`.
    const notInTheSample = /\.(ideographic|phonetic|middleName|namePrefix|nameSuffix)$/
    expect(missing.filter((path) => !notInTheSample.test(path))).to.deep.equal([])
  })

  it('has null and empty lists in every field when its dataset is empty', async () => {
    const { dataset, ...found } = await shown({}, EVERYTHING)
    expect(dataset).to.deep.equal({})
    for (const [name, value] of Object.entries(found)) {
      const type = WORKITEM.getFields()[name]?.type
      const isList = isListType(isNonNullType(type) ? type.ofType : type)
      expect(value, name).to.deep.equal(isList ? [] : null)
    }
  })

  it('has the same where all attributes are there and empty', async () => {
    const empty = Object.fromEntries(
      Object.entries(fullDataset()).map(([tag, { vr }]): [Tag, Attribute] => [tag, { vr }]),
    )
    const { dataset: _, attribute: __, ...found } = await shown(empty, EVERYTHING)
    const { dataset: ___, attribute: ____, ...absent } = await shown({}, EVERYTHING)
    expect(found).to.deep.equal(absent)
  })

  it('never fails for what a dataset may hold instead of what it should', async () => {
    const odd = fc.oneof(
      fc.constantFrom<Value>('', ' ', 'x', '1.5', '99999999999', '20261345', -1, 1.5, 1e300, {}, null),
      fc.constant<Value>({ Alphabetic: 'A^B^C^D^E^F^G' }),
      arbitraryDataset,
    )
    const attribute = fc.record({
      vr: fc.constantFrom<VR>('SQ', 'PN', 'LO', 'US', 'DA', 'OB'),
      Value: fc.array(odd, { minLength: 1, maxLength: 3 }),
    })
    const tags = Object.keys(fullDataset())
    const datasets = fc.dictionary(fc.constantFrom(...tags), attribute, { minKeys: 10 })
    await fc.assert(
      fc.asyncProperty(datasets, async (dataset) => {
        const query = EVERYTHING.replace(/\b(dataset|attribute\([^)]*\) \{[^}]*\})/g, '')
        await shown(dataset, query)
      }),
      { numRuns: 60 },
    )
  })

  it('shows the items of its sequences, and theirs', async () => {
    const found = await shown(
      sample('rt-treatment'),
      'scheduledStationNameCodeSequence { codeValue codeMeaning } scheduledHumanPerformersSequence { humanPerformerCodeSequence { codeValue } }',
    )
    const names = sample('rt-treatment')['00404025']?.Value as readonly Dataset[]
    expect(found['scheduledStationNameCodeSequence']).to.deep.equal(
      names.map((item) => ({
        codeValue: item['00080100']?.Value?.[0] ?? null,
        codeMeaning: item['00080104']?.Value?.[0] ?? null,
      })),
    )
  })
})

describe('A field of a workitem', () => {
  it('of text is the first value that is not empty, without padding', async () => {
    expect(await fieldOf(one('00741202', 'LO', null, ' A B '), 'worklistLabel')).to.equal('A B')
    expect(await fieldOf(one('00400400', 'LT', ' A B '), 'commentsOnTheScheduledProcedureStep')).to.equal(' A B')
    expect(await fieldOf(one('00741202', 'LO', 5), 'worklistLabel')).to.equal(null)
  })

  it('of several values is the list of them, without those that are empty or odd', async () => {
    expect(await fieldOf(one('00102000', 'LO', 'A', null, ' ', 7, 'B'), 'medicalAlerts')).to.deep.equal(['A', 'B'])
  })

  it('of a number is one, whether it is kept as text or number', async () => {
    const progress = async (value: Value): Promise<unknown> => {
      const item = one('00741004', 'DS', value)
      const found = await fieldOf(
        one('00741002', 'SQ', item),
        'procedureStepProgressInformationSequence { procedureStepProgress }',
      )
      return (found as readonly Shape[])[0]?.['procedureStepProgress']
    }
    expect(await progress(' 12.50 ')).to.equal(12.5)
    expect(await progress(-0.5)).to.equal(-0.5)
    for (const odd of ['x', '1e999', { Alphabetic: '1' }]) expect(await progress(odd)).to.equal(null)
    expect(await fieldOf(one('001021C0', 'US', 4), 'pregnancyStatus')).to.equal(4)
    expect(await fieldOf(one('001021C0', 'US', '65535'), 'pregnancyStatus')).to.equal(65535)
    for (const odd of [1.5, 'four', '1.5', 2147483648, -2147483649]) {
      expect(await fieldOf(one('001021C0', 'US', odd), 'pregnancyStatus')).to.equal(null)
    }
  })

  it('of enumerated values is one of them, or null', async () => {
    expect(await fieldOf(one('00741000', 'CS', 'IN PROGRESS '), 'procedureStepState')).to.equal('IN_PROGRESS')
    expect(await fieldOf(one('00741200', 'CS', 'HIGH'), 'scheduledProcedureStepPriority')).to.equal('HIGH')
    expect(await fieldOf(one('00404041', 'CS', 'READY'), 'inputReadinessState')).to.equal('READY')
    for (const odd of ['IN_PROGRESS', 'STAT', 5]) {
      expect(await fieldOf(one('00741000', 'CS', odd), 'procedureStepState')).to.equal(null)
    }
    expect(await fieldOf(one('00100040', 'CS', 'D'), 'patientSex')).to.equal('D')
  })

  it('of a sequence is empty where there is something else', async () => {
    expect(await fieldOf(one('00404025', 'LO', 'A'), 'scheduledStationNameCodeSequence { codeValue }')).to.deep.equal(
      [],
    )
    expect(await fieldOf(one('00404025', 'SQ', null), 'scheduledStationNameCodeSequence { codeValue }')).to.deep.equal([
      { codeValue: null },
    ])
  })
})

describe('A person name', () => {
  const GROUP = '{ text familyName givenName middleName namePrefix nameSuffix }'
  const NAME = `patientName { text formatted alphabetic ${GROUP} ideographic ${GROUP} phonetic ${GROUP} }`
  const nameOf = async (value: Value): Promise<Shape | null> =>
    (await fieldOf(one('00100010', 'PN', value), NAME)) as Shape

  it('has its components, and a form for people', async () => {
    expect(await nameOf({ Alphabetic: 'Doe^John^Q^Dr.^Jr.' })).to.deep.equal({
      text: 'Doe^John^Q^Dr.^Jr.',
      formatted: 'Dr. John Q Doe Jr.',
      alphabetic: {
        text: 'Doe^John^Q^Dr.^Jr.',
        familyName: 'Doe',
        givenName: 'John',
        middleName: 'Q',
        namePrefix: 'Dr.',
        nameSuffix: 'Jr.',
      },
      ideographic: null,
      phonetic: null,
    })
  })

  it('has its groups, and is read with the family name first where only others than the alphabetic one are there', async () => {
    const name = { Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎', Phonetic: 'やまだ^たろう' }
    const found = await nameOf(name)
    expect(found?.['text']).to.equal('Yamada^Tarou=山田^太郎=やまだ^たろう')
    expect(found?.['formatted']).to.equal('Tarou Yamada')
    expect(found?.['ideographic']).to.include({ familyName: '山田', givenName: '太郎', middleName: null })
    expect(found?.['phonetic']).to.include({ text: 'やまだ^たろう' })
    expect((await nameOf({ Ideographic: '山田^太郎' }))?.['formatted']).to.equal('山田 太郎')
    expect((await nameOf({ Alphabetic: '^^', Phonetic: 'や^た' }))?.['formatted']).to.equal('や た')
  })

  it('leaves out components that are empty', async () => {
    const found = await nameOf({ Alphabetic: ' Doe ^^^Dr.^ ' })
    expect(found?.['formatted']).to.equal('Dr. Doe')
    expect(found?.['alphabetic']).to.include({ familyName: 'Doe', givenName: null, middleName: null, nameSuffix: null })
    expect((await nameOf({ Alphabetic: '^' }))?.['alphabetic']).to.equal(null)
  })

  it('is null where there is no name', async () => {
    for (const odd of [{}, 5, { Alphabetic: '' }, one('00080100', 'SH', 'A')]) expect(await nameOf(odd)).to.equal(null)
  })
})

describe('Dates and times', () => {
  const request = async (tag: Tag, vr: VR, value: Value, field: string): Promise<unknown> => {
    const dataset = one('0040A370', 'SQ', one(tag, vr, value))
    const [item] = (await fieldOf(dataset, `referencedRequestSequence { ${field} }`)) as readonly Shape[]
    return item?.[field.split(' ')[0] ?? '']
  }
  const dateOf = (value: Value): Promise<unknown> =>
    fieldOf(one('00100030', 'DA', value), 'patientBirthDate { value date }')
  const timeOf = (value: Value): Promise<unknown> =>
    request('00402005', 'TM', value, 'issueTimeOfImagingServiceRequest { value time }')

  it('have their forms of RFC 3339', async () => {
    expect(await dateOf('20240229')).to.deep.equal({ value: '20240229', date: '2024-02-29' })
    expect(await timeOf('08')).to.deep.equal({ value: '08', time: '08:00:00' })
    expect(await timeOf('0830')).to.deep.equal({ value: '0830', time: '08:30:00' })
    expect(await timeOf('083059.25 ')).to.deep.equal({ value: '083059.25', time: '08:30:59.25' })
    expect(await timeOf('235960')).to.deep.equal({ value: '235960', time: '23:59:60' })
  })

  it('are shown as they are where they are none', async () => {
    expect(await dateOf('20230229')).to.deep.equal({ value: '20230229', date: null })
    expect(await timeOf('2400')).to.deep.equal({ value: '2400', time: null })
    expect(await dateOf(20240229)).to.equal(null)
  })

  const START = 'scheduledProcedureStepStartDateTime { value instant precision }'
  const startOf = (value: Value, more: Dataset = {}, timeZone?: string): Promise<unknown> =>
    fieldOf({ ...more, ...one('00404005', 'DT', value) }, START, timeZone)
  const at = (value: string, instant: string | null, precision: string | null): Shape => ({ value, instant, precision })

  it('have an instant in UTC, with as many digits as it needs, and their precision', async () => {
    const table: readonly (readonly [string, string, string])[] = [
      ['2026+0000', '2026-01-01T00:00:00Z', 'YEAR'],
      ['202611+0000', '2026-11-01T00:00:00Z', 'MONTH'],
      ['20261124-0500', '2026-11-24T05:00:00Z', 'DAY'],
      ['2026112408+0100', '2026-11-24T07:00:00Z', 'HOUR'],
      ['202611240830+0100', '2026-11-24T07:30:00Z', 'MINUTE'],
      ['20261124083015+0100', '2026-11-24T07:30:15Z', 'SECOND'],
      ['20261124083015.5+0100', '2026-11-24T07:30:15.5Z', 'FRACTION'],
      ['20261124083015.000001+0100', '2026-11-24T07:30:15.000001Z', 'FRACTION'],
      ['20261124083015.100+0100', '2026-11-24T07:30:15.1Z', 'FRACTION'],
      ['19650101000000.25+0000', '1965-01-01T00:00:00.25Z', 'FRACTION'],
      ['20161231235960+0000', '2017-01-01T00:00:00Z', 'SECOND'],
      ['00000101+0000', '0000-01-01T00:00:00Z', 'DAY'],
      ['99991231235959+0000', '9999-12-31T23:59:59Z', 'SECOND'],
    ]
    for (const [value, instant, precision] of table) {
      expect(await startOf(value)).to.deep.equal(at(value, instant, precision))
    }
  })

  it('have none where RFC 3339 has no year for it, or they are no date and time', async () => {
    expect(await startOf('0000+0100')).to.deep.equal(at('0000+0100', null, 'YEAR'))
    expect(await startOf('99991231235959-0100')).to.deep.equal(at('99991231235959-0100', null, 'SECOND'))
    expect(await startOf('20261340')).to.deep.equal(at('20261340', null, null))
    expect(await startOf(2026)).to.equal(null)
  })

  it('are meant in the offset of the workitem, else in the zone of the device, else in that of the process', async () => {
    const offset = one('00080201', 'SH', '-0500')
    const value = '20260701080000'
    const instant = async (more: Dataset, timeZone?: string) =>
      ((await startOf(value, more, timeZone)) as Shape)['instant']
    expect(await instant(offset, 'Europe/Vienna')).to.equal('2026-07-01T13:00:00Z')
    expect(await instant({}, 'Europe/Vienna')).to.equal('2026-07-01T06:00:00Z')
    expect(await instant({})).to.equal(new Date(2026, 6, 1, 8).toISOString().replace('.000', ''))
  })

  it('are meant so in items too', async () => {
    const performed = one('00741216', 'SQ', { ...one('00404050', 'DT', '2026'), ...one('00080201', 'SH', '+0900') })
    const field = 'unifiedProcedureStepPerformedProcedureSequence { performedProcedureStepStartDateTime { instant } }'
    const found = await fieldOf({ ...performed, ...one('00080201', 'SH', '-0500') }, field, 'Europe/Vienna')
    expect(found).to.deep.equal([{ performedProcedureStepStartDateTime: { instant: '2026-01-01T05:00:00Z' } }])
  })
})

describe('The dataset of a workitem', () => {
  it('is what it is', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryDataset, async (dataset) => {
        const { data } = await ask('{ shown { dataset } }', { dataset })
        expect(data).to.have.nested.property('shown.dataset').that.deep.equals(dataset)
      }),
    )
  })

  it('has no Transaction UID, at whatever depth', async () => {
    const uid = one('00081195', 'UI', '1.2.3')
    const deep = { ...one('00404009', 'SQ', { ...uid, ...one('00080100', 'SH', 'A') }, {}), ...uid }
    const dataset = { ...uid, ...one('00404034', 'SQ', {}, deep), ...one('00741202', 'LO', 'B') }
    const before = JSON.stringify(dataset)
    expect(await fieldOf(dataset, 'dataset')).to.deep.equal({
      ...one('00404034', 'SQ', {}, one('00404009', 'SQ', one('00080100', 'SH', 'A'), {})),
      ...one('00741202', 'LO', 'B'),
    })
    expect(JSON.stringify(dataset)).to.equal(before)
  })

  it('may be given as a literal, with variables in it, or as a variable', async () => {
    const source =
      'query ($v: DicomJson!, $w: DicomJson!) { document(value: {a: [1, 2.5, "x", true, null, $v]}) all: document(value: $w) }'
    const variables = { v: { '00100010': { vr: 'PN' } }, w: one('00741202', 'LO', 'B') }
    const { data } = await ask(source, { dataset: {} }, { variables })
    expect(plain(data)).to.deep.equal({ document: { a: [1, 2.5, 'x', true, null, variables.v] }, all: variables.w })
  })
})

describe('An attribute by its path', () => {
  const attributeOf = (dataset: Dataset, path: string): Promise<unknown> =>
    fieldOf(dataset, `attribute(path: ${JSON.stringify(path)}) { path keyword vr values text }`)

  const CODES = one('00404025', 'SQ', one('00080100', 'SH', 'A', null), {}, one('00080100', 'SH', 'B '))

  it('is named by keywords or tags, and has the values of all items', async () => {
    const expected = {
      path: '00404025.00080100',
      keyword: 'CodeValue',
      vr: 'SH',
      values: ['A', null, 'B '],
      text: ['A', 'B'],
    }
    expect(await attributeOf(CODES, 'ScheduledStationNameCodeSequence.CodeValue')).to.deep.equal(expected)
    expect(await attributeOf(CODES, '00404025.00080100')).to.deep.equal(expected)
  })

  it('may be private', async () => {
    const dataset = {
      ...one('00090010', 'LO', 'ACME'),
      ...one('0009100A', 'DS', '1.50', 2),
    }
    expect(await attributeOf(dataset, '0009100a')).to.deep.equal({
      path: '0009100A',
      keyword: null,
      vr: 'DS',
      values: ['1.50', 2],
      text: ['1.50', '2'],
    })
    const nested = one('00091001', 'SQ', one('00091002', 'LO', 'in'))
    expect(await attributeOf(nested, '00091001.00091002')).to.include({ vr: 'LO' })
  })

  it('has names and items as the DICOM JSON model has them, and the base64 of a binary one', async () => {
    const name = { Alphabetic: 'Doe^J', Phonetic: 'x' }
    expect(await attributeOf(one('00100010', 'PN', name), 'PatientName'))
      .to.include({ vr: 'PN' })
      .and.deep.include({
        values: [name],
        text: ['Doe^J==x'],
      })
    expect(await attributeOf(CODES, 'ScheduledStationNameCodeSequence')).to.deep.include({
      values: CODES['00404025']?.Value,
      text: [],
    })
    const binary: Dataset = { '00091001': { vr: 'OB', InlineBinary: 'AAEC' } }
    expect(await attributeOf(binary, '00091001')).to.deep.include({ values: ['AAEC'], text: [] })
  })

  it('is null where the workitem does not have it, and has no values where it is empty', async () => {
    expect(await attributeOf({}, 'PatientID')).to.equal(null)
    expect(await attributeOf(CODES, 'ScheduledStationNameCodeSequence.CodeMeaning')).to.equal(null)
    expect(await attributeOf({ '00100020': { vr: 'LO' } }, 'PatientID')).to.deep.include({ values: [], text: [] })
  })

  it('shows no Transaction UID in its items', async () => {
    const dataset = one('00404025', 'SQ', { ...one('00081195', 'UI', '1.2.3'), ...one('00080100', 'SH', 'A') })
    expect(await attributeOf(dataset, '00404025')).to.deep.include({ values: [one('00080100', 'SH', 'A')] })
  })

  const REFUSED: Readonly<Record<string, RegExp>> = {
    Nonsense: /^path Nonsense: expected a keyword of PS3.6 or the 8 hex digits of an attribute, found "Nonsense"\.$/,
    patientID: /found "patientID"/,
    '': /expected a keyword/,
    'PatientID.CodeValue': /expected a sequence before each dot, found "PatientID"/,
    'ScheduledStationNameCodeSequence.': /found ""/,
    TransactionUID: /^path TransactionUID: expected another attribute/,
    '00081195': /^path 00081195: expected another attribute/,
    'ScheduledStationNameCodeSequence.00081195': /expected another attribute/,
  }
  for (const [path, message] of Object.entries(REFUSED)) {
    it(`is refused as ${JSON.stringify(path)}`, async () => {
      const { errors, data } = await ask(
        'query ($path: String!) { shown { attribute(path: $path) { vr } } }',
        { dataset: one('00081195', 'UI', '1.2.3') },
        { variables: { path } },
      )
      expect(plain(data)).to.deep.equal({ shown: { attribute: null } })
      expect(errors?.[0]?.message).to.match(message)
      expect(errors?.[0]?.originalError).to.include({ name: 'BadArgument', argument: 'path' })
    })
  }
})
