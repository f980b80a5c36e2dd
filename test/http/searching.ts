/** What a search found. */
import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import type { Answer } from '../support/http.ts'

export const IGNORED = 'Unknown parameters of the request were ignored.'

export const resultsIn = (answer: Answer): readonly Dataset[] => {
  expect(answer.status, answer.text).to.be.oneOf([200, 204])
  if (answer.status === 200) return answer.json() as readonly Dataset[]
  expect(answer.text).to.equal('')
  expect(answer.headers.get('content-type')).to.equal(null)
  return []
}

export const uidsIn = (answer: Answer): readonly string[] =>
  resultsIn(answer).map((dataset) => String(dataset['00080018']?.Value?.[0]))
