/** Arguments that come beside a dataset: what is wrong with one, in a sentence for the client; undefined: nothing. */
import { isAeTitle } from '../dicom/ae-title.ts'
import { isUid } from '../dicom/uid.ts'

export const uidProblem = (text: string, what: string): string | undefined =>
  isUid(text) ? undefined : `${what} is ${shown(text)}, expected a UID (PS3.5 9.1).`

export const aeTitleProblem = (text: string, what: string): string | undefined =>
  isAeTitle(text)
    ? undefined
    : `${what} is ${shown(text)}, expected 1 to 16 characters of the default repertoire without backslash.`

/** A little longer than a UID can be. */
const MOST_CHARACTERS = 80

const shown = (text: string): string =>
  JSON.stringify(text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}...` : text)
