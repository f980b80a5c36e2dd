/** What an AE had recorded before it unsubscribed from everything counts no more; here it goes, a little at a time. */
import { setImmediate } from 'node:timers/promises'
import { hasCode } from '../errors.ts'
import type { Store } from '../store/store.ts'

/** Entries in one transaction: writers wait for no more than that. */
const BATCH = 500

/** Fulfilled when nothing is left, or the store is closed; what is left then goes at the next start. */
export async function forgetEntries(store: Store): Promise<void> {
  try {
    while (await store.forgetEntries(BATCH)) await setImmediate()
  } catch (error) {
    if (!hasCode(error, 'UPS_STORE_UNAVAILABLE')) throw error
  }
}
