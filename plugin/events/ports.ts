/** What delivery works with; given by the composition root. */
import type { Logger } from '../host.ts'
import type { Store } from '../store/store.ts'

export type Backlog = Pick<Store, 'readBacklog' | 'receipt' | 'trimBacklog' | 'backlogs' | 'watch' | 'subscribers'>

export interface DeliveryPorts {
  readonly backlog: Backlog
  /** Event information of a State Report of a workitem as it is, canonical DICOM JSON; undefined: it is gone. */
  present(uid: string): Promise<string | undefined>
  /** Puts more of what the subscriber is owed into its backlog; fulfilled with whether there may be more still. */
  replenish(subscriber: string): Promise<boolean>
  /** How many reports may wait for a subscriber that has no channel open. */
  queueSize(subscriber: string): number
  /** AEs that hear of a restart without a subscription. */
  fallback(): readonly string[]
  readonly logger: Logger
  readonly tally: DeliveryTally
}

export interface DeliveryTally {
  sent(reports: number): void
  dropped(subscriber: string, reports: number): void
  /** Of all subscribers. */
  channels(open: number): void
}
