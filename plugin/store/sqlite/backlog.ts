/** What waits for each subscriber, in the tables of the embedded store. */
import type { DatabaseSync } from 'node:sqlite'
import { stringifyDataset } from '../../dicom/json.ts'
import type { EventName, EventReport } from '../../ups/event-reports.ts'
import type { Delivery } from '../../ups/subscription.ts'
import type { BacklogSize, Place, Waiting } from '../store.ts'
import { DONE, type Outcome } from './group-commit.ts'
import type { Ledger } from './ledger.ts'
import { prepareAll, type Row, type Statements } from './statements.ts'

/** Behind every report of a commit at the same position: those have ordinals from 0. */
const FIRST_ANNOUNCED = 1_000_000

/** Characters of event information after which a reading ends. */
const MOST_READ = 1024 * 1024

export class BacklogWriter {
  readonly #sql: Statements<typeof SQL>
  readonly #ledger: Ledger

  constructor(database: DatabaseSync, ledger: Ledger) {
    this.#sql = prepareAll(database, SQL)
    this.#ledger = ledger
  }

  read(subscriber: string, after: Place | undefined, limit: number): readonly Waiting[] {
    const number = this.#ledger.lookUp(subscriber)
    if (number === undefined) return []
    const { position, ordinal } = after ?? BEFORE_ALL
    const waiting: Waiting[] = []
    let size = 0
    for (const row of this.#sql.read.iterate(number, position, ordinal, limit)) {
      const one = waitingOf(row)
      waiting.push(one)
      size += one.information?.length ?? 0
      // A Progress Report may have megabytes.
      if (size > MOST_READ) break
    }
    return waiting
  }

  sizes(): readonly BacklogSize[] {
    return this.#sql.sizes.all().map(({ ae_title, waiting, dropped }) => ({
      subscriber: ae_title as string,
      waiting: waiting as number,
      dropped: dropped as number,
    }))
  }

  deliver(uid: string, position: number, deliveries: readonly Delivery[]): void {
    // Most subscribers get the same reports; each is written out once.
    const texts = new Map<EventReport, string>()
    for (const { subscriber, reports } of deliveries) {
      const number = this.#ledger.numberOf(subscriber)
      reports.forEach((report, ordinal) => {
        const text = texts.get(report) ?? stringifyDataset(report.information)
        texts.set(report, text)
        this.#sql.add.run(number, position, ordinal, uid, report.event, text)
      })
      this.#ledger.added(subscriber, reports.length)
    }
  }

  /** Behind everything that is there, and before everything that comes. */
  announce(subscriber: string, reports: readonly { readonly uid: string; readonly report: EventReport }[]): void {
    if (reports.length === 0) return
    const number = this.#ledger.numberOf(subscriber)
    const last = Number(this.#sql.countAnnounced.get(reports.length, number)?.announced)
    reports.forEach(({ uid, report }, index) => {
      const ordinal = FIRST_ANNOUNCED + last - reports.length + index
      this.#sql.add.run(number, this.#ledger.head, ordinal, uid, report.event, stringifyDataset(report.information))
    })
    this.#ledger.added(subscriber, reports.length)
  }

  receipt(subscriber: string, { position, ordinal }: Place): Outcome<void> {
    const number = this.#ledger.lookUp(subscriber)
    if (number !== undefined) this.#sql.receipt.run(number, position, ordinal)
    return DONE
  }

  trim(subscriber: string, keep: number): Outcome<number> {
    const number = this.#ledger.lookUp(subscriber)
    const excess = number === undefined ? 0 : Number(this.#sql.count.get(number)?.n) - keep
    if (number === undefined || excess <= 0) return { ok: true, result: 0 }
    const dropped = this.#sql.oldest.all(number, excess)
    for (const { position, ordinal, uid } of dropped as { position: number; ordinal: number; uid: string }[]) {
      this.#sql.drop.run(number, position, ordinal)
      this.#sql.present.run(number, uid)
    }
    this.#sql.countDropped.run(dropped.length, number)
    return { ok: true, result: dropped.length }
  }
}

const BEFORE_ALL: Place = { position: -1, ordinal: -1 }

const waitingOf = ({ position, ordinal, uid, event, information }: Row): Waiting => ({
  place: { position: position as number, ordinal: ordinal as number },
  uid: uid as string,
  event: event as EventName,
  information: information === null ? undefined : (information as string),
})

const SQL = {
  read: `SELECT position, ordinal, uid, event, information FROM backlog
         WHERE subscriber = ? AND (position, ordinal) > (?, ?) ORDER BY position, ordinal LIMIT ?`,
  sizes: `SELECT ae_title, dropped, (SELECT count(*) FROM backlog WHERE subscriber = s.id AND position > 0) AS waiting
          FROM subscriber s`,
  add: 'INSERT INTO backlog (subscriber, position, ordinal, uid, event, information) VALUES (?, ?, ?, ?, ?, ?)',
  countAnnounced: 'UPDATE subscriber SET announced = announced + ? WHERE id = ? RETURNING announced',
  receipt: 'DELETE FROM backlog WHERE subscriber = ? AND (position, ordinal) <= (?, ?)',
  count: 'SELECT count(*) AS n FROM backlog WHERE subscriber = ? AND position > 0',
  oldest: `SELECT position, ordinal, uid FROM backlog WHERE subscriber = ? AND position > 0
           ORDER BY event = 'UPS Cancel Requested', position, ordinal LIMIT ?`,
  drop: 'DELETE FROM backlog WHERE subscriber = ? AND position = ? AND ordinal = ?',
  present: `INSERT INTO backlog (subscriber, position, ordinal, uid, event)
            SELECT ?, 0, sequence, uid, 'UPS State Report' FROM workitem WHERE uid = ? ON CONFLICT DO NOTHING`,
  countDropped: 'UPDATE subscriber SET dropped = dropped + ? WHERE id = ?',
} as const
