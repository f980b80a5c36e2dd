/** The worklist as a host calls it: the same commands, rules and refusals as over HTTP. */
import type { Dataset } from '../dicom/dataset.ts'
import { parseDatasetJson } from '../dicom/json.ts'
import type { QueryKey } from '../dicom/query.ts'
import { storedDataset } from '../store/stored-dataset.ts'
import { aeTitleProblem, uidProblem } from '../ups/arguments.ts'
import { type CancelAbandoned, refuse, refuseFor, type Refused } from '../ups/decision.ts'
import type { Policy } from '../ups/policy.ts'
import type { Subscribe } from '../ups/decide-subscription.ts'
import { type MatchingOptions, readFilter } from '../ups/matching-keys.ts'
import { problemAt } from '../ups/problems.ts'
import { single } from '../ups/stamp.ts'
import { TAG } from '../ups/tags.ts'
import { type Command, type Desk, execute, type Receipt } from './execute.ts'

export interface Worklist {
  /**
   * Runs a command through an AE of the device, whose settings apply; a creation belongs to that AE. A refusal is a
   * value. @throws UpsError UPS_UNKNOWN_AE, UPS_STORE_UNAVAILABLE
   */
  execute(command: HostCommand, aeTitle: string): Promise<Receipt>
  /**
   * For an administrator, with caution: cancels a workitem IN PROGRESS without its Transaction UID, which its performer has
   * lost (PS3.4 CC.2.1.3). It comes through no AE. `reason`: LT, kept in the workitem and told its subscribers. `others`:
   * what else a cancel request may hold, a reason code (0074,100E) and a contact (0074,100A), (0074,100C). A refusal is a
   * value. @throws UpsError UPS_STORE_UNAVAILABLE
   */
  cancelAbandoned(uid: string, reason: string, others?: Dataset): Promise<Receipt>
  /** The dataset of a workitem, without its Transaction UID; undefined when there is none. */
  retrieve(uid: string): Promise<Dataset | undefined>
}

export type HostCommand = Exclude<Command, Subscribe | CancelAbandoned> | HostSubscribe

/** As over HTTP, a filter comes as matching keys: name or tag, or a path of them, and any of these values. */
export interface HostSubscribe extends Omit<Subscribe, 'filter'> {
  readonly filter?: Readonly<Record<string, string | readonly string[]>> | readonly QueryKey[]
  /** How the keys are meant. */
  readonly matching?: MatchingOptions
}

/** The AE through which a command comes. */
export interface Receiver {
  readonly aeTitle: string
  readonly policy: Policy
}

/** What is configured at the moment. */
export interface Configured {
  /** Throws for an AE title that nobody answers to. */
  receiver(aeTitle: string): Receiver
  /** For what comes through no AE. */
  devicePolicy(): Policy
}

/** What HTTP reads on its way in, a host gives as values: UIDs, AE titles and datasets are held to the same here. */
function readCommand(command: HostCommand | CancelAbandoned): Command | Refused {
  const problem = problemIn(command)
  if (problem !== undefined) return refuse('invalidArgument', [], problem)
  if (command.kind === 'subscribe') return readSubscribe(command)
  if (!('attributes' in command)) return command
  const parsed = parseDatasetJson(command.attributes)
  if (parsed.ok) return { ...command, attributes: parsed.value }
  return refuseFor(parsed.problems.map(({ path, reason }) => problemAt('invalidValue', path, reason)))
}

function problemIn(command: HostCommand | CancelAbandoned): string | undefined {
  const [what, aeTitle] = aeTitleIn(command)
  return (
    uidProblem(command.uid, 'The Workitem UID') ?? (aeTitle === undefined ? undefined : titleProblem(aeTitle, what))
  )
}

/** A host that pads a title would get a subscriber whom no channel reaches. */
const titleProblem = (aeTitle: string, what: string): string | undefined =>
  aeTitleProblem(aeTitle, what) ??
  (aeTitle === aeTitle.trim() ? undefined : `${what} is ${JSON.stringify(aeTitle)}, expected no spaces around it.`)

function aeTitleIn(command: HostCommand | CancelAbandoned): readonly [string, string | undefined] {
  if ('requester' in command) return ['The requester', command.requester]
  if ('requestingAE' in command) return ['The requesting AE', command.requestingAE]
  return ['The subscriber', 'subscriber' in command ? command.subscriber : undefined]
}

function readSubscribe({ filter, matching, ...command }: HostSubscribe): Command | Refused {
  if (typeof command.deletionLock !== 'boolean') {
    return refuse('invalidArgument', [], 'The deletion lock is neither true nor false.')
  }
  if (filter === undefined) return command
  const keys = isKeyList(filter)
    ? filter
    : Object.entries(filter).map(([name, values]) => ({ name, list: [values].flat() }))
  if (keys.some(({ list }) => list.some((value) => typeof value !== 'string'))) {
    return refuse('invalidArgument', [], 'A matching key has a value that is no text.')
  }
  const read = readFilter(keys, matching)
  if (read.ok) return { ...command, filter: read.filter }
  return refuse(
    'invalidArgument',
    read.problems.map(({ path, reason }) => problemAt('invalidValue', path, reason)),
  )
}

const isKeyList = (filter: NonNullable<HostSubscribe['filter']>): filter is readonly QueryKey[] => Array.isArray(filter)

export const worklistOf = (desk: () => Desk, configured: Configured): Worklist => ({
  async execute(command, aeTitle) {
    const { aeTitle: receivingAE, policy } = configured.receiver(aeTitle)
    const read = readCommand(command)
    if ('outcome' in read) return read
    return execute(read.kind === 'create' ? { ...read, receivingAE } : read, policy, desk())
  },
  async cancelAbandoned(uid, reason, others = {}) {
    const policy = configured.devicePolicy()
    const attributes = { ...others, [TAG.ReasonForCancellation]: single('LT', reason) }
    const read = readCommand({ kind: 'cancelAbandoned', uid, attributes })
    return 'outcome' in read ? read : execute(read, policy, desk())
  },
  async retrieve(uid) {
    const retrieved = await desk().store.retrieve(uid)
    return retrieved.is === 'there' ? storedDataset(retrieved.json) : undefined
  },
})
