/** What a search returns of a workitem: the return keys of Table CC.2.5-3, by the list of standard.md A.6. */
import { expect } from 'chai'

import { searchResult } from '../../plugin/ups/search-result.ts'
import { changed, code, empty, sequence, STORED, text } from './support.ts'
import {
  SEARCH_DEFAULT_CONDITIONAL,
  SEARCH_DEFAULT_TYPE_1,
  SEARCH_DEFAULT_TYPE_2,
  SEARCH_NOT_DEFAULT,
} from './transcription/a-6.ts'
import { CC_2_5_3 } from './transcription/cc-2-5-3.ts'

const URL = 'https://archive.example/workitems/1.2.3'
const RETRIEVE_URL = '00081190'

describe('A search result', () => {
  it('holds the Retrieve URL', () => {
    expect(searchResult(STORED, URL)[RETRIEVE_URL]).to.deep.equal(text('UR', URL))
  })

  for (const { keyword, tag } of [...SEARCH_DEFAULT_TYPE_1, ...SEARCH_DEFAULT_TYPE_2]) {
    it(`holds ${keyword}, also when the workitem has none`, () => {
      const vr = CC_2_5_3.find(({ path }) => path === tag)?.vr
      expect(searchResult(changed(STORED, { [tag]: undefined }), URL)[tag]).to.deep.equal({ vr })
      const attribute = vr === 'SQ' ? sequence(code('X')) : text('LO', 'value')
      expect(searchResult({ ...STORED, [tag]: attribute }, URL)[tag]).to.deep.equal(attribute)
    })
  }

  for (const { keyword, tag } of SEARCH_DEFAULT_CONDITIONAL) {
    it(`holds ${keyword} if the workitem has it`, () => {
      expect(searchResult(changed(STORED, { [tag]: undefined }), URL)).to.not.have.property(tag)
      expect(searchResult({ ...STORED, [tag]: text('LO', 'value') }, URL)[tag]).to.deep.equal(text('LO', 'value'))
    })
  }

  for (const { keyword, tag } of SEARCH_NOT_DEFAULT) {
    it(`does not hold ${keyword}`, () => {
      expect(searchResult({ ...STORED, [tag]: text('LO', 'value') }, URL)).to.not.have.property(tag)
    })
  }

  it('holds sequences with all that is in them, and nothing else', () => {
    const result = searchResult({ ...STORED, '00090010': text('LO', 'ACME'), '00404025': empty('SQ') }, URL)
    expect(result['0040A370']).to.deep.equal(STORED['0040A370'])
    expect(Object.keys(result).toSorted()).to.deep.equal(
      [RETRIEVE_URL, ...[...SEARCH_DEFAULT_TYPE_1, ...SEARCH_DEFAULT_TYPE_2].map(({ tag }) => tag)].toSorted(),
    )
  })
})
