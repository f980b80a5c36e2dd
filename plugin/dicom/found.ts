/** How a reason names what was found: by its type, or in quotes where it is technical text and not a patient's value. */

const MOST_CHARACTERS = 32

/** A key, an element name, a VR: quoted, and cut where it is too long to be one. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}...` : text)

export function typeName(value: unknown): string {
  if (value === undefined) return 'none'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
