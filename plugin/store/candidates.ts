/** What the engines of search and the worklist tell each other: engines narrow, the matcher decides. */
import type { Ordering } from '../dicom/order.ts'
import type { Query } from '../dicom/query.ts'
import type { Listed } from './store.ts'

export interface Criteria {
  readonly query: Query
  /** Empty: the order of creation, which also decides between equals. */
  readonly order: readonly Ordering[]
  /** The zone of dates and times that say none; absent: that of the process. */
  readonly timeZone: string | undefined
}

/** An AbortSignal, or what is asked like one. */
export interface Abortable {
  readonly aborted: boolean
}

/** Workitems among which are all that match. */
export interface Candidates {
  /** Each of them matches: nobody needs to look whether it does. */
  readonly exact: boolean
  /** They come in the order that was asked for; else in that of creation. */
  readonly ordered: boolean
  /** How many they are, exact or not. */
  count(): Promise<number>
  /**
   * In order, without the first `skip` of them, as they are at the moment when they are read: what is gone by then is left
   * out. Skips without looking into them where they are exact. Once the signal is aborted there are no more.
   */
  pages(skip: number, signal?: Abortable): AsyncIterable<readonly Listed[]>
}
