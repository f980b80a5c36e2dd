/**
 * Who owns a title. Two AEs of one title are a problem, and so are two that list the same other title: which of them
 * should answer? An other title that is some AE's own is none: the AE whose own it is answers (decisions.md 1).
 */
import { SETTINGS } from './settings.ts'
import type { AeConfiguration } from './configuration.ts'
import type { ConfigurationProblem } from './problems.ts'

export function titleClashes(aes: readonly AeConfiguration[]): readonly ConfigurationProblem[] {
  return [
    ...clashes(aes, 'dicomAETitle', ({ aeTitle }) => [aeTitle]),
    ...clashes(aes, SETTINGS.otherAETitles.attribute, ({ settings }) => settings.otherAETitles.value),
  ]
}

function clashes(
  aes: readonly AeConfiguration[],
  attribute: string,
  titlesOf: (ae: AeConfiguration) => readonly string[],
): readonly ConfigurationProblem[] {
  const owners = new Map<string, AeConfiguration>()
  const problems: ConfigurationProblem[] = []
  for (const ae of aes) {
    for (const title of titlesOf(ae)) {
      const owner = owners.get(title) ?? ae
      owners.set(title, owner)
      if (owner !== ae) problems.push({ dn: ae.dn, attribute, value: title, expected: heldBy(owner) })
    }
  }
  return problems
}

const heldBy = (owner: AeConfiguration): string => `a title that ${owner.dn} does not have too`
