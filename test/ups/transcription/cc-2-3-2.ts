// Table CC.2.3-2 of PS3.4 (subscription states of an AE for one UPS), transcribed by hand from standard.md D.4.
// Rows: events. Columns: the state before ("null": no such instance yet). Cells: the state after, `+` with initial event.

export type State = 'null' | 'Not Subscribed' | 'Subscribed with Lock' | 'Subscribed w/o Lock'

export interface Transition {
  readonly event: string
  readonly state: State
  /** Undefined: n/a. */
  readonly becomes: State | undefined
  readonly initialEvent: boolean
}

const STATES: readonly State[] = ['null', 'Not Subscribed', 'Subscribed with Lock', 'Subscribed w/o Lock']

const TABLE = `
UPS created, AE has no global subscription | Not | n/a | n/a | n/a
UPS created, AE globally subscribed with lock | Lock+ | n/a | n/a | n/a
UPS created, AE globally subscribed w/o lock | Free+ | n/a | n/a | n/a
AE subscribes globally with lock | n/a | Lock+ | Lock | Free
AE subscribes globally w/o lock | n/a | Free | Lock | Free
AE subscribes to a specific UPS with lock | n/a | Lock+ | Lock+ | Lock+
AE subscribes to a specific UPS w/o lock | n/a | Free+ | Free+ | Free+
AE unsubscribes from a specific UPS | n/a | Not | Not | Not
AE unsubscribes globally | n/a | Not | Not | Not
AE suspends global subscription | n/a | Not | Lock | Free
`

const SHORT: Readonly<Record<string, State>> = {
  Not: 'Not Subscribed',
  Lock: 'Subscribed with Lock',
  Free: 'Subscribed w/o Lock',
}

export const CC_2_3_2: readonly Transition[] = TABLE.trim()
  .split('\n')
  .flatMap((line) => {
    const [event = '', ...cells] = line.split(' | ')
    return STATES.map((state, index) => {
      const cell = cells[index] ?? ''
      return { event, state, becomes: SHORT[cell.replace('+', '')], initialEvent: cell.endsWith('+') }
    })
  })
