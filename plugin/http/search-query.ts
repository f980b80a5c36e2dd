/** The query of a search in its first form: `limit`, `offset` and equality on Procedure Step State. */
import { parseAttributeId } from '../dicom/dictionary.ts'
import { TAG } from '../ups/tags.ts'
import { isState, type State, STATES } from '../ups/workitem.ts'
import { HttpRefusal } from './http-statuses.ts'
import { LOOKS_LIKE_AN_ATTRIBUTE, type Parameter, unsigned } from './query.ts'

export interface SearchQuery {
  readonly states: readonly State[] | undefined
  readonly limit: number | undefined
  readonly offset: number
  /** Parameters were ignored; the answer must say so (PS3.18 8.3). */
  readonly hasUnknown: boolean
}

const CONTROL: ReadonlySet<string> = new Set(['limit', 'offset', 'accept', 'charset'])

/** @throws HttpRefusal that names the parameter; never "matches everything" */
export function parseSearchQuery(query: readonly Parameter[]): SearchQuery {
  const keys = query.filter(({ name }) => !isControl(name) && LOOKS_LIKE_AN_ATTRIBUTE.test(name))
  for (const { name } of keys) requireStateKey(name)
  if (keys.length > 1) throw new HttpRefusal('malformedParameter', `${keys[0]?.name} is given twice.`)
  return {
    states: keys[0] && statesOf(keys[0]),
    limit: unsigned(query, 'limit'),
    offset: unsigned(query, 'offset') ?? 0,
    hasUnknown: query.some(({ name }) => !isControl(name) && !LOOKS_LIKE_AN_ATTRIBUTE.test(name)),
  }
}

const isControl = (name: string): boolean => CONTROL.has(name.toLowerCase())

function requireStateKey(name: string): void {
  const tag = parseAttributeId(name)
  if (tag === TAG.ProcedureStepState) return
  const known = tag === undefined && !name.includes('.') ? 'is no attribute' : 'is not a matching key of this version'
  throw new HttpRefusal(
    'malformedParameter',
    `${name} ${known}; workitems can be searched by ProcedureStepState (00741000).`,
  )
}

/** A comma list means any of them; a zero-length key matches all (PS3.4 C.2.2.2.3). */
function statesOf({ name, value = '', list }: Parameter): readonly State[] | undefined {
  if (value === '') return undefined
  return list.map((text) => {
    if (isState(text)) return text
    throw new HttpRefusal(
      'malformedParameter',
      `${name} is ${JSON.stringify(text)}, expected one of ${STATES.join(', ')}.`,
    )
  })
}
