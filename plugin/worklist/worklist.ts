/** The worklist as a host calls it: the same commands, rules and refusals as over HTTP. */
import type { Dataset } from '../dicom/dataset.ts'
import type { Command } from '../ups/decision.ts'
import type { Policy } from '../ups/policy.ts'
import { type Desk, execute, type Receipt } from './execute.ts'

export interface Worklist {
  /**
   * Runs a command through an AE of the device, whose settings apply; a creation belongs to that AE. A refusal is a
   * value. @throws UpsError UPS_UNKNOWN_AE, UPS_STORE_UNAVAILABLE
   */
  execute(command: Command, aeTitle: string): Promise<Receipt>
  /** The dataset of a workitem, without its Transaction UID; undefined when there is none. */
  retrieve(uid: string): Promise<Dataset | undefined>
}

/** The AE through which a command comes. */
export interface Receiver {
  readonly aeTitle: string
  readonly policy: Policy
}

/** `receiver` throws for an AE title that nobody answers to. */
export const worklistOf = (desk: () => Desk, receiver: (aeTitle: string) => Receiver): Worklist => ({
  async execute(command, aeTitle) {
    const { aeTitle: receivingAE, policy } = receiver(aeTitle)
    return execute(command.kind === 'create' ? { ...command, receivingAE } : command, policy, desk())
  },
  async retrieve(uid) {
    const retrieved = await desk().store.retrieve(uid)
    return retrieved.is === 'there' ? (JSON.parse(retrieved.json) as Dataset) : undefined
  },
})
