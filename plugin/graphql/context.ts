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
  readonly time: TimeLimit
}

/** Of one operation. An object of its own: the library copies the members of a context. */
export interface TimeLimit {
  /** It took too long: nothing more is begun. */
  isOver: boolean
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
  const timeZone = service.configuration().settings.timeZone.value
  const time: TimeLimit = { isOver: false }
  return {
    service,
    timeZone,
    loaders: loadersOf(service, timeZone),
    gone,
    time,
    signal: {
      get aborted() {
        return time.isOver || gone.aborted
      },
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

function loadersOf({ desk }: GraphqlService, timeZone: string | undefined): Loaders {
  return {
    workitem: new DataLoader<string, WorkitemSource | null>(async (uids) => {
      const listed = await desk().store.retrieveAll([...new Set(uids)])
      const byUid = new Map(listed.map((one) => [one.uid, listedSource(one)]))
      return uids.map((uid) => byUid.get(uid) ?? null)
    }, BATCH_ONLY),
    subscriptions: new DataLoader<string, readonly WorkitemSubscription[]>(async (uids) => {
      const found = await subscriptionsOf([...new Set(uids)], desk().store, timeZone)
      return uids.map((uid) => found.get(uid) ?? [])
    }, BATCH_ONLY),
  }
}
