/** The worklist as a host calls it: the same commands, rules and refusals as over HTTP. */
import { type AeConfiguration, type ArchiveConfiguration, findAe } from '../config/configuration.ts'
import type { Dataset } from '../dicom/dataset.ts'
import { UpsError } from '../errors.ts'
import type { Command } from '../ups/decision.ts'
import type { Policy, Strictness } from '../ups/policy.ts'
import { type Desk, execute, type Receipt } from './execute.ts'

export interface Worklist {
  /**
   * Runs a command through an AE of the device, whose settings apply. A refusal is a value; what is rejected is a
   * failure: UPS_BAD_OPTION (no such AE), UPS_STORE_UNAVAILABLE.
   */
  execute(command: Command, aeTitle: string): Promise<Receipt>
  /** The dataset of a workitem, without its Transaction UID; undefined when there is none. */
  retrieve(uid: string): Promise<Dataset | undefined>
}

export const policyOf = (ae: AeConfiguration, strictness: Strictness): Policy => ({
  strictness,
  worklistLabel: ae.settings.worklistLabel.value,
  updateWithoutTransactionUid: ae.settings.updateWithoutTransactionUid.value,
})

export interface WorklistParts {
  readonly desk: () => Desk
  readonly configuration: () => ArchiveConfiguration
  readonly strictness: Strictness
}

export const worklistOf = ({ desk, configuration, strictness }: WorklistParts): Worklist => ({
  async execute(command, aeTitle) {
    const lookup = findAe(configuration(), aeTitle)
    if (lookup.status !== 'found') {
      throw new UpsError('UPS_BAD_OPTION', `The Application Entity ${aeTitle} is ${lookup.status} on this device.`)
    }
    const own = command.kind === 'create' ? { ...command, receivingAE: lookup.ae.aeTitle } : command
    return execute(own, policyOf(lookup.ae, strictness), desk())
  },
  async retrieve(uid) {
    const retrieved = await desk().store.retrieve(uid)
    return retrieved.is === 'there' ? (JSON.parse(retrieved.json) as Dataset) : undefined
  },
})
