import type { Policy, Strictness } from '../ups/policy.ts'
import type { AeConfiguration } from './configuration.ts'

/** What the settings of an AE mean for the rules. */
export const policyOf = ({ settings }: AeConfiguration, strictness: Strictness): Policy => ({
  strictness,
  worklistLabel: settings.worklistLabel.value,
  updateWithoutTransactionUid: settings.updateWithoutTransactionUid.value,
})
