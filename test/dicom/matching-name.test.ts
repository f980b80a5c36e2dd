import { expect } from 'chai'

import type { PersonName } from '../../plugin/dicom/dataset.ts'
import { foldName } from '../../plugin/dicom/matching-fold.ts'
import { matches } from '../../plugin/dicom/matching.ts'
import { soundex } from '../../plugin/dicom/matching-soundex.ts'
import { parseQueryKeys } from '../../plugin/dicom/query.ts'
import { accepted } from './support.ts'

const found = (key: string, name: PersonName | string, fuzzymatching = false): boolean =>
  matches(
    accepted(parseQueryKeys([{ name: 'PatientName', list: [key] }], { fuzzymatching })),
    { '00100010': { vr: 'PN', Value: [typeof name === 'string' ? { Alphabetic: name } : name] } },
    {},
  )

type Name = PersonName | string
type Row = readonly [key: string, hit: readonly Name[], miss: readonly Name[]]

function table(rows: readonly Row[], fuzzy = false): void {
  for (const [key, hit, miss] of rows) {
    for (const name of hit) {
      it(`${key} finds ${JSON.stringify(name)}`, () => expect(found(key, name, fuzzy)).to.equal(true))
    }
    for (const name of miss) {
      it(`${key} does not find ${JSON.stringify(name)}`, () => expect(found(key, name, fuzzy)).to.equal(false))
    }
  }
}

const YAMADA = { Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎', Phonetic: 'やまだ^たろう' }

describe('Person names', () => {
  describe('match by components', () => {
    table([
      ['DOE', ['Doe', 'DOE^JOHN', 'doe^^^Dr', 'Doe '], ['DOES^JOHN', 'JOHN^DOE', 'DO', '^DOE']],
      ['doe^john', ['DOE^JOHN', 'Doe^John^Q^Dr^Jr', 'Doe ^ John'], ['DOE^JOHNNY', 'DOE', 'DOE^^JOHN']],
      ['DOE^', ['DOE^JOHN', 'DOE'], ['DOES^JOHN']],
      ['^JOHN', ['DOE^JOHN', '^JOHN'], ['JOHN^DOE', 'DOE']],
      ['DOE^^Q', ['DOE^JOHN^Q'], ['DOE^JOHN']],
      ['VAN DER BERG', ['Van der Berg^Jan'], ['VanderBerg^Jan', 'Van^der^Berg']],
    ])
  })

  describe('match without case and accents', () => {
    table([
      ['JURGEN', ['Jürgen', 'Ju\u0308rgen', 'JÜRGEN', 'jurgen'], ['Juergen', 'Jurgens']],
      ['Jürgen', ['JURGEN', 'Ju\u0308rgen'], ['Jrgen']],
      ['Ju\u0308rgen', ['Jürgen', 'Jurgen'], []],
      ['Weiß', ['WEISS', 'weiss', 'WEIẞ', 'Weiß'], ['Weis']],
      ['Strasse', ['Straße'], ['Strase']],
      ['BJORN', ['Bjørn'], ['Bjrn']],
      ['Łukasz', ['LUKASZ'], []],
      ['Ægir', ['AEGIR'], ['Agir']],
      ['ΣΟΦΟΣ', ['Σοφός'], []],
      ['ЕРШОВ', ['Ершов', 'ёршов'], []],
    ])
  })

  describe('match by groups', () => {
    table([
      ['山田^太郎', [YAMADA, { Ideographic: '山田^太郎' }, '山田^太郎'], [{ ...YAMADA, Ideographic: '山本^太郎' }]],
      ['=山田', [YAMADA], ['山田^太郎', { Phonetic: '山田' }]],
      ['==やまだ', [YAMADA], [{ Ideographic: 'やまだ' }, { ...YAMADA, Phonetic: 'やまた^たろう' }]],
      ['yamada=山田^太郎=やまだ', [YAMADA], ['Yamada^Tarou', { ...YAMADA, Ideographic: '山田^次郎' }, { ...YAMADA, Alphabetic: 'Yamato' }]],
      ['YAMADA^TAROU=', [YAMADA, 'Yamada^Tarou'], [{ Ideographic: 'YAMADA^TAROU' }]],
      ['山?', [YAMADA], ['山']],
      ['김', [{ Ideographic: '김^희중' }], [{ Ideographic: '기^희중' }]],
      ['=?', [{ Ideographic: '김^희중' }, { Ideographic: 'が^x' }], [YAMADA]],
    ]) // prettier-ignore
  })

  describe('match wildcards', () => {
    table([
      ['DO*', ['DOE^JOHN', 'do'], ['ADOE^JOHN']],
      ['DO?', ['DOE^JOHN', 'DOÉ'], ['DO^JOHN', 'DOES']],
      ['DOE^J*', ['DOE^JOHN', 'DOE^J'], ['DOE^ANN', 'DOES^JOHN', 'DOE']],
      ['*^JOHN', ['DOE^JOHN'], ['DOE^ANN']],
      ['*JOHN', ['DOE^JOHN', 'JOHN'], ['DOE^JOHN^Q']],
      ['D*N', ['DOE^JOHN'], ['DOE^JOHN^Q']],
      ['*üRG*', ['Jurgen', 'X^JÜRGEN'], ['Jorgen']],
      ['**', ['DOE'], []],
    ])
  })

  it('that are empty match nothing', () => {
    for (const name of ['', ' ', {}]) {
      for (const key of ['**', 'A', '^A']) expect(found(key, name)).to.equal(false)
    }
  })

  it('match as they are written unless fuzzymatching is on', () => {
    expect(found('JOHN DOE', 'DOE^JOHN')).to.equal(false)
    expect(found('SMYTH', 'SMITH')).to.equal(false)
  })

  describe('match by sound and in any order with fuzzymatching', () => {
    table(
      [
        ['JOHN DOE', ['Doe^John', 'John^Doe', 'Doe^John^Q'], ['Doe^Mary', 'Doe']],
        ['SMYTH', ['Smith^John', 'X^Schmidt', 'Smith-Jones'], ['Jones^Sam']],
        ['Meyer^Robert', ['Maier^Rupert', 'Rupert^Mayr'], ['Maier^Paul']],
        ['Jon^Sm*', ['SMITH^JOHN'], ['SIMON^JOHN']],
        ['OBrien', ["O'Brien^Pat", 'O’Brien'], ['Brien^Pat']],
        ['Juergen', ['Jürgen^A'], ['Hans^A']],
        ['太郎^山田', [YAMADA], [{ ...YAMADA, Ideographic: '山田^次郎' }]],
        ['=YAMADA', [], [YAMADA]],
        ['DOE^', ['DOE^JOHN'], ['ROE^JOHN']],
        ['-', ['-'], ['DOE^JOHN']],
        ["'.", [], ['DOE^JOHN']],
      ],
      true,
    )
  })
})

describe('Folding', () => {
  it('keeps what tells names apart in other scripts', () => {
    expect(foldName('が')).to.equal('が')
    expect(foldName('か\u3099')).to.equal('が')
    expect(foldName('한')).to.equal('한')
    expect(foldName('कि')).to.equal('कि')
  })
})

describe('Soundex', () => {
  // The examples of the National Archives, and two words that tell apart other rules for H and W.
  const codes: Readonly<Record<string, string>> = {
    WASHINGTON: 'W252', LEE: 'L000', GUTIERREZ: 'G362', PFISTER: 'P236', JACKSON: 'J250', TYMCZAK: 'T522', VANDEUSEN: 'V532',
    ASHCRAFT: 'A261', ROBERT: 'R163', RUPERT: 'R163', RUBIN: 'R150', HONEYMAN: 'H555', SCHMIDT: 'S530', A: 'A000',
    山田: '山田', 'X1': 'X1', '': '',
  } // prettier-ignore
  for (const [word, code] of Object.entries(codes)) {
    it(`of ${word} is ${code}`, () => expect(soundex(word)).to.equal(code))
  }
})
