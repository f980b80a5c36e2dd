/** Somebody who changes workitems, and a naive recorder of what each change left and what watching it must tell. */
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import type { HostCommand } from '../../plugin/worklist/worklist.ts'
import type { ChangeKind, FeedEntry } from '../../plugin/store/store.ts'
import { deleteWorkitem } from '../support/deletion.ts'
import type { Service } from '../support/service.ts'
import { changed, sample, stateChange, TRANSACTION_UID } from '../support/workitems.ts'

/** The selection to which the recorder's `Told` belongs. */
export const WATCH = `subscription ($after: FeedPosition, $filter: WorkitemFilter) {
  workitemChanges(after: $after, filter: $filter) {
    position kind transition uid workitem { uid version state dataset } previous { state dataset }
  }
}`

interface Shown {
  readonly state: unknown
  readonly dataset: Dataset
}

export interface Told {
  readonly position: string
  readonly kind: string
  readonly transition: string
  readonly uid: string
  readonly workitem: (Shown & { readonly uid: string; readonly version: string }) | null
  readonly previous: Shown | null
}

const KINDS: Readonly<Partial<Record<ChangeKind, string>>> = {
  create: 'CREATE',
  update: 'UPDATE',
  changeState: 'CHANGE_STATE',
  requestCancel: 'REQUEST_CANCEL',
  cancelAbandoned: 'CANCEL_ABANDONED',
  delete: 'DELETE',
}

const TRANSITIONS: Readonly<Record<string, string | undefined>> = {
  'false true': 'ENTERING',
  'true true': 'CHANGING',
  'true false': 'LEAVING',
}

const LABELS = ['A', 'B', 'AB', 'C']

export const labelled = (label: string): Dataset => ({ '00741204': { vr: 'LO', Value: [label] } })
export const labelOf = (dataset: Dataset): string => String(dataset['00741204']?.Value?.[0])
export const stateOf = (dataset: Dataset): string => String(dataset['00741000']?.Value?.[0])

type IsMatch = (dataset: Dataset) => boolean

export class Recorder {
  readonly #service: Service
  /** By the position of the change that left it. */
  readonly #left = new Map<number, Dataset>()
  #last = 0

  constructor(service: Service) {
    this.#service = service
  }

  async run(command: HostCommand): Promise<void> {
    const { worklist } = this.#service.plugin
    const receipt = await worklist.execute(command, 'WORKLIST')
    if (receipt.outcome === 'refused') throw new Error(`${command.kind} was refused: ${receipt.refusal.key}`)
    const dataset = await worklist.retrieve(command.uid)
    if (dataset && receipt.position !== undefined) this.#left.set(receipt.position, dataset)
  }

  create(uid: string, label = 'A'): Promise<void> {
    const attributes = changed(sample('minimal'), labelled(label))
    return this.run({ kind: 'create', uid, receivingAE: 'WORKLIST', attributes })
  }

  update(uid: string, attributes: Dataset, transactionUid?: string): Promise<void> {
    return this.run({ kind: 'update', uid, transactionUid, attributes })
  }

  state(uid: string, state: string): Promise<void> {
    const transactionUid = String(stateChange(state)['00081195']?.Value?.[0])
    return this.run({ kind: 'changeState', uid, transactionUid, state, requester: 'TDD1', hasOtherAttributes: false })
  }

  /** So many changes of workitems below the prefix, one after the other: all kinds that there are. */
  async work(prefix: string, count: number): Promise<void> {
    for (let done = 0; done < count;) {
      const uid = `${prefix}.${++this.#last}`
      for (const step of this.#life(uid, this.#last).slice(0, count - done)) {
        await step()
        done++
      }
    }
  }

  /** What a subscriber behind `after` must be told. `isMatch`: what the filter means. */
  async told(after = 0, isMatch: IsMatch = () => true): Promise<readonly Told[]> {
    const feed = await this.#service.feed()
    const deleted = new Set(feed.flatMap(({ is, uid }) => (is === 'deleted' ? [uid] : [])))
    const all = await this.toldToWhoeverWasThere(after, isMatch)
    return all.filter(({ uid, kind }) => kind === 'DELETE' || !deleted.has(uid))
  }

  /** The same, with what was done to workitems that have been deleted since. */
  async toldToWhoeverWasThere(after = 0, isMatch: IsMatch = () => true): Promise<readonly Told[]> {
    const feed = await this.#service.feed()
    return feed.filter(({ position }) => position > after).flatMap((entry) => this.#toldOf(entry, isMatch))
  }

  #toldOf({ position, previous: version, is, uid, kind: what }: FeedEntry, isMatch: IsMatch): readonly Told[] {
    const kind = KINDS[what]
    if (kind === undefined) return []
    if (is === 'deleted') {
      return [{ position: `${position}`, kind, transition: 'LEAVING', uid, workitem: null, previous: null }]
    }
    const after = this.#datasetAt(position)
    const before = version === undefined ? undefined : this.#datasetAt(version)
    const transition = TRANSITIONS[`${before !== undefined && isMatch(before)} ${isMatch(after)}`]
    if (transition === undefined) return []
    const workitem = { uid, version: `${position}`, state: shown(stateOf(after)), dataset: after }
    const previous = before ? { state: shown(stateOf(before)), dataset: before } : null
    return [{ position: `${position}`, kind, transition, uid, workitem, previous }]
  }

  #datasetAt(position: number): Dataset {
    const dataset = this.#left.get(position)
    if (!dataset) throw new Error(`nothing was recorded at ${position}`)
    return dataset
  }

  #life(uid: string, n: number): readonly (() => Promise<void>)[] {
    const label = (step: number): string => LABELS[(n * 7 + step * 3) % LABELS.length] ?? ''
    const claimed = [
      () => this.create(uid, label(0)),
      () => this.update(uid, labelled(label(1))),
      () => this.state(uid, 'IN PROGRESS'),
      () => this.update(uid, labelled(label(2)), TRANSACTION_UID),
    ]
    const cancel = (): Promise<void> => this.run({ kind: 'requestCancel', uid, requestingAE: 'BOSS', attributes: {} })
    const subscribe = (): Promise<void> => this.run({ kind: 'subscribe', uid, subscriber: 'TDD1', deletionLock: false })
    const ends = [
      [() => this.update(uid, sample('rt-treatment-performed'), TRANSACTION_UID), () => this.state(uid, 'COMPLETED')],
      // Only a performer who is subscribed can be asked.
      [subscribe, cancel, () => this.state(uid, 'CANCELED')],
      [() => deleteWorkitem(this.#service.store, uid)],
      [() => this.update(uid, { '00404041': { vr: 'CS', Value: ['INCOMPLETE'] } }, TRANSACTION_UID)],
    ]
    return n % 5 === 0 ? [() => this.create(uid, label(0)), cancel] : [...claimed, ...(ends[n % ends.length] ?? [])]
  }
}

const shown = (state: unknown): unknown => (state === 'IN PROGRESS' ? 'IN_PROGRESS' : state)
