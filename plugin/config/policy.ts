import type { Policy, Strictness } from '../ups/policy.ts'
import type { AeConfiguration, ArchiveConfiguration, Effective } from './configuration.ts'

/** What the settings of an AE, and of its device, mean for the rules. */
export const policyOf = (
  { settings }: AeConfiguration,
  configuration: ArchiveConfiguration,
  strictness: Strictness,
): Policy => policyWith(settings, settings.worklistLabel.value, configuration, strictness)

/** For what comes through no AE. Nothing is created so: where the device has no label, none is needed. */
export const devicePolicyOf = (configuration: ArchiveConfiguration, strictness: Strictness): Policy => {
  const { settings } = configuration
  return policyWith(settings, settings.worklistLabel.value ?? '', configuration, strictness)
}

const policyWith = (
  { updateWithoutTransactionUid }: { readonly updateWithoutTransactionUid: Effective<boolean> },
  worklistLabel: string,
  { settings: { timeZone } }: ArchiveConfiguration,
  strictness: Strictness,
): Policy => ({
  strictness,
  worklistLabel,
  updateWithoutTransactionUid: updateWithoutTransactionUid.value,
  ...(timeZone.value === undefined ? {} : { timeZone: timeZone.value }),
})
