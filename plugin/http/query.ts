/** Query strings as UPS-RS uses them: names without case, bare values, several spellings of one argument. */
import { HttpRefusal } from './http-statuses.ts'

export interface Parameter {
  readonly name: string
  /** `undefined`: a bare component, as in `?1.2.840.1`. */
  readonly value: string | undefined
  /** Split at its commas before it was percent-decoded. */
  readonly list: readonly string[]
}

/** @throws HttpRefusal when a component is not percent-encoded correctly */
export function parseQuery(querystring: string): readonly Parameter[] {
  if (querystring === '') return NO_PARAMETERS
  return querystring
    .split('&')
    .filter((component) => component !== '')
    .map((component) => {
      const equals = component.indexOf('=')
      return equals < 0
        ? { name: decode(component), value: undefined, list: [] }
        : {
            name: decode(component.slice(0, equals)),
            value: decode(component.slice(equals + 1)),
            list: component
              .slice(equals + 1)
              .split(',')
              .map(decode),
          }
    })
}

const NO_PARAMETERS: readonly Parameter[] = []

// Forms and most client libraries send a blank as +.
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new HttpRefusal('malformedParameter', 'The query is not percent-encoded correctly.')
  }
}

/** The name of an attribute, not of a control parameter (decisions.md 5). */
export const LOOKS_LIKE_AN_ATTRIBUTE = /^[A-Z0-9]|\./

/** The values given under any of these names (compared without case). */
export const valuesOf = (query: readonly Parameter[], names: ReadonlySet<string>): readonly string[] =>
  query.flatMap(({ name, value }) => (value !== undefined && names.has(name.toLowerCase()) ? [value] : []))

/**
 * Bare components that are meant as a UID: PS3.18 2019b to 2024e print `?{workitem}` and `?{transaction-uid}`. Some client
 * libraries put a = behind what has no value.
 */
export const bareUids = (query: readonly Parameter[]): readonly string[] =>
  query.flatMap(({ name, value }) => {
    const isBare = value === undefined ? /^\d/.test(name) : value === '' && /^\d+\./.test(name)
    return isBare ? [name] : []
  })

/**
 * The one value that several places of a request may give.
 * @throws HttpRefusal when they give different ones; `what` names the argument
 */
export function agreed(values: readonly string[], what: string): string | undefined {
  const [first, ...others] = values
  if (others.some((other) => other !== first)) {
    throw new HttpRefusal('malformedParameter', `The request gives two different values for ${what}.`)
  }
  return first
}

const textOf = (query: readonly Parameter[], name: string): string | undefined =>
  agreed(
    query.flatMap((one) => (one.name.toLowerCase() === name ? [one.value ?? ''] : [])),
    name,
  )

/** `true`, `false`, `1` or `0`. @throws HttpRefusal that names the parameter */
export function boolean(query: readonly Parameter[], name: string): boolean | undefined {
  const text = textOf(query, name)
  if (text === undefined) return undefined
  const value = BOOLEANS.get(text.toLowerCase())
  if (value !== undefined) return value
  throw new HttpRefusal('malformedParameter', `${name} is ${JSON.stringify(text)}, expected true, false, 1 or 0.`)
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

/** An unsigned integer. @throws HttpRefusal that names the parameter */
export function unsigned(query: readonly Parameter[], name: string): number | undefined {
  const text = textOf(query, name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value
  throw new HttpRefusal('malformedParameter', `${name} is ${JSON.stringify(text)}, expected an unsigned integer.`)
}
