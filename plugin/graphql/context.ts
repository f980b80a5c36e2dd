/** What the resolvers of one operation share. */
import DataLoader from 'dataloader'
import type { Dataset } from '../dicom/dataset.ts'
import type { Abortable } from '../store/candidates.ts'
import type { Listed, Position } from '../store/store.ts'
import { storedDataset } from '../store/stored-dataset.ts'
import { subscriptionsOf, type WorkitemSubscription } from '../worklist/subscriptions.ts'
import type { AttributeContext, AttributeSource } from './attribute-source.ts'
import type { GraphqlService } from './ports.ts'

export interface OperationContext extends AttributeContext {
  readonly service: GraphqlService
  readonly loaders: Loaders
  /** Aborted when nobody waits for the answer any more, or it took too long. */
  readonly signal: Abortable
  /** Nobody waits for the answer any more, nor reads the stream. */
  readonly gone: AbortSignal
  /** It took too long: nothing more is begun. */
  expire(): void
  readonly isExpired: boolean
}

/** `Workitem` of the schema: as it is, or as a change left it. */
export interface WorkitemSource extends AttributeSource {
  readonly uid: string
  readonly version: Position
}

/** Whatever is asked for in one go is one call of the store. Nothing is kept: a subscription may run for days. */
interface Loaders {
  readonly workitem: DataLoader<string, WorkitemSource | null>
  readonly subscriptions: DataLoader<string, readonly WorkitemSubscription[]>
}

/** `gone`: aborted when nobody waits for the answer any more. */
export function operationContext(service: GraphqlService, gone: AbortSignal): OperationContext {
  const timeZone = (): string | undefined => service.configuration().settings.timeZone.value
  let isLate = false
  return {
    service,
    // A subscription may run for longer than the setting.
    get timeZone() {
      return timeZone()
    },
    loaders: loadersOf(service, timeZone),
    gone,
    signal: {
      get aborted() {
        return isLate || gone.aborted
      },
    },
    expire() {
      isLate = true
    },
    get isExpired() {
      return isLate
    },
  }
}

export const workitemSource = (uid: string, version: Position, dataset: Dataset): WorkitemSource => ({
  uid,
  version,
  dataset,
  root: dataset,
})

const listedSource = ({ uid, version, json }: Listed): WorkitemSource =>
  workitemSource(uid, version, storedDataset(json))

const BATCH_ONLY = { cache: false, maxBatchSize: 1_000 } as const

function loadersOf({ desk }: GraphqlService, timeZone: () => string | undefined): Loaders {
  return {
    workitem: new DataLoader<string, WorkitemSource | null>(async (uids) => {
      const listed = await desk().store.retrieveAll([...new Set(uids)])
      const byUid = new Map(listed.map((one) => [one.uid, listedSource(one)]))
      return uids.map((uid) => byUid.get(uid) ?? null)
    }, BATCH_ONLY),
    subscriptions: new DataLoader<string, readonly WorkitemSubscription[]>(async (uids) => {
      const found = await subscriptionsOf([...new Set(uids)], desk().store, timeZone())
      return uids.map((uid) => found.get(uid) ?? [])
    }, BATCH_ONLY),
  }
}
