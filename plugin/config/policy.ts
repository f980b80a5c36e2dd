import type { Policy, Strictness } from '../ups/policy.ts'
import type { AeConfiguration, ArchiveConfiguration } from './configuration.ts'

/** What the settings of an AE, and of its device, mean for the rules. */
export const policyOf = (
  { settings }: AeConfiguration,
  { settings: { timeZone } }: ArchiveConfiguration,
  strictness: Strictness,
): Policy => ({
  strictness,
  worklistLabel: settings.worklistLabel.value,
  updateWithoutTransactionUid: settings.updateWithoutTransactionUid.value,
  ...(timeZone.value === undefined ? {} : { timeZone: timeZone.value }),
})
