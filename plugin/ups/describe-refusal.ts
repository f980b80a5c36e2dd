/** A refusal in words, for the edges and for hosts that show it to people. */
import type { Refusal } from './decision.ts'
import { dicomCode, REFUSALS } from './statuses.ts'

export interface DescribedRefusal {
  /** Four upper-case hex digits. */
  readonly dicomStatus: string
  /** The wording of the catalogue. */
  readonly title: string
  /** Names the attributes that are wrong, so that whoever reads only this knows what to mend; else the wording. */
  readonly detail: string
}

export function describeRefusal({ key, attributes, detail }: Refusal): DescribedRefusal {
  const { text: title } = REFUSALS[key]
  const usual = attributes.length === 0 ? title : detailOf(attributes)
  return { dicomStatus: dicomCode(REFUSALS[key]), title, detail: detail ?? usual }
}

/** No more attributes are named in one sentence. */
const MOST_NAMED = 5

function detailOf(attributes: Refusal['attributes']): string {
  const named = attributes
    .slice(0, MOST_NAMED)
    // Without a path it is the dataset as a whole.
    .map(({ path, keyword, reason }) => `${keyword ? `${keyword} (${path})` : path || 'The dataset'}: ${reason}`)
  const more = attributes.length > MOST_NAMED ? `; and ${attributes.length - MOST_NAMED} more` : ''
  return `${named.join('; ')}${more}.`
}
