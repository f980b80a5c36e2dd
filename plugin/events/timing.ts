/** Milliseconds, the same for every channel. */
export interface Timing {
  /** Between two pings of a channel on which nothing is on its way. */
  readonly ping: number
  /** How long a channel may neither send anything nor take what it is sent. */
  readonly deadAfter: number
}

/** A ping follows reports this much later, so that a burst has one; decisions.md 4 wants it within 1 s. */
export const RECEIPT_PING = 50

/** How often receipts are written down, for each subscriber. */
export const RECEIPT_WRITE = 100

/** How long after a receipt could not be written down it is tried again. */
export const RECEIPT_RETRY = 1_000

/** How long a closing handshake may take when the service stops. */
export const CLOSING = 1_000

/** Runs something later; the returned function calls it off. Does not keep the process alive. */
export type Later = (work: () => void, milliseconds: number) => () => void

export const later: Later = (work, milliseconds) => {
  const timer = setTimeout(work, milliseconds)
  timer.unref()
  return () => clearTimeout(timer)
}
