// Table CC.1.1-2 of PS3.4 (state transitions of a UPS), transcribed by hand from standard.md B.2.
// Rows: events for one SOP Instance UID. Columns: the current state ("null": no such instance).
// Cells: a hexadecimal DIMSE status is a failure, `warn XXXX` a warning, everything else is what an accepted request does.

export type State = 'null' | 'SCHEDULED' | 'IN PROGRESS' | 'COMPLETED' | 'CANCELED'

export type Event =
  | 'N-CREATE'
  | 'Change State to IN PROGRESS, with correct Transaction UID'
  | 'Change State to IN PROGRESS, without correct Transaction UID'
  | 'Change State to SCHEDULED'
  | 'Change State to COMPLETED, with correct Transaction UID'
  | 'Change State to COMPLETED, without correct Transaction UID'
  | 'Request Cancel'
  | 'Change State to CANCELED, with correct Transaction UID'
  | 'Change State to CANCELED, without correct Transaction UID'

export interface Transition {
  readonly event: Event
  readonly state: State
  readonly cell: string
}

const STATES: readonly State[] = ['null', 'SCHEDULED', 'IN PROGRESS', 'COMPLETED', 'CANCELED']

const EVENTS: readonly Event[] = [
  'N-CREATE',
  'Change State to IN PROGRESS, with correct Transaction UID',
  'Change State to IN PROGRESS, without correct Transaction UID',
  'Change State to SCHEDULED',
  'Change State to COMPLETED, with correct Transaction UID',
  'Change State to COMPLETED, without correct Transaction UID',
  'Request Cancel',
  'Change State to CANCELED, with correct Transaction UID',
  'Change State to CANCELED, without correct Transaction UID',
]

const TABLE = `
Event | null | SCHEDULED | IN PROGRESS | COMPLETED | CANCELED
N-CREATE | create | 0111 | 0111 | 0111 | 0111
Change State to IN PROGRESS, with correct Transaction UID | C307 | -> IN PROGRESS | C302 | C300 | C300
Change State to IN PROGRESS, without correct Transaction UID | C307 | C301 | C301 | C301 | C301
Change State to SCHEDULED | C307 | C303 | C303 | C303 | C303
Change State to COMPLETED, with correct Transaction UID | C307 | C310 | -> COMPLETED if final state requirements met else C304 | warn B306 | C300
Change State to COMPLETED, without correct Transaction UID | C307 | C301 | C301 | C301 | C301
Request Cancel | C307 | -> IN PROGRESS, -> CANCELED (two reports) | cancel requested report (state unchanged) | C311 | warn B304
Change State to CANCELED, with correct Transaction UID | C307 | C310 | -> CANCELED if final state requirements met else C304 | C300 | warn B304
Change State to CANCELED, without correct Transaction UID | C307 | C301 | C301 | C301 | C301
`

function parse(text: string): Transition[] {
  const [head, ...lines] = text
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
  if (head?.join() !== ['Event', ...STATES].join()) throw new Error('CC.1.1-2: unexpected head')
  return lines.flatMap(([label, ...cells]) => {
    const event = EVENTS.find((known) => known === label)
    if (event === undefined) throw new Error(`CC.1.1-2: unknown event ${label}`)
    if (cells.length !== STATES.length) throw new Error(`CC.1.1-2: ${label}: ${cells.length} cells`)
    return STATES.map((state, i) => {
      const cell = cells[i]
      if (!cell) throw new Error(`CC.1.1-2: ${label}, ${state}: empty cell`)
      return { event, state, cell }
    })
  })
}

export const CC_1_1_2: readonly Transition[] = parse(TABLE)
