/** Entries, histories and announcements in the tables of the embedded store. */
import type { DatabaseSync } from 'node:sqlite'
import type { Entry, GlobalRecord, Maker } from '../../ups/subscription.ts'
import type { SubscriptionState } from '../../ups/subscription-table.ts'
import type { AnnouncedBatch, Announcement, Attended, GlobalCommit, Position, Sequence, Subscribed } from '../store.ts'
import type { BacklogWriter } from './backlog.ts'
import { DONE, type Outcome } from './group-commit.ts'
import { type Ledger, stale } from './ledger.ts'
import { listedOf } from './search-reader.ts'
import { prepareAll, type Row, type Statements } from './statements.ts'

export class Subscriptions {
  readonly #sql: Statements<typeof SQL>
  readonly #ledger: Ledger
  readonly #backlog: BacklogWriter

  constructor(database: DatabaseSync, ledger: Ledger, backlog: BacklogWriter) {
    this.#sql = prepareAll(database, SQL)
    this.#ledger = ledger
    this.#backlog = backlog
  }

  entriesOf(sequence: number): readonly Entry[] {
    const rows = this.#sql.entries.all(sequence)
    return rows.length === 0 ? NONE : rows.map(entryOf)
  }

  attended(uids: readonly string[]): readonly Attended[] {
    const rows = this.#sql.attended.all(JSON.stringify(uids))
    const sequences = JSON.stringify(rows.map(({ sequence }) => sequence))
    const entries = Map.groupBy(this.#sql.entriesOfAll.all(sequences), ({ workitem }) => workitem)
    return rows.map((row) => ({
      ...listedOf(row),
      createdAt: row.created_at as Position,
      entries: entries.get(row.sequence as number)?.map(entryOf) ?? NONE,
    }))
  }

  commit({ uid, subscriber, kind, change, announce, at, expected }: GlobalCommit): Outcome<Position> {
    if (expected !== this.#ledger.globals.version) return stale('The global subscriptions are')
    const position = (this.#ledger.head + 1) as Position
    this.#sql.insertFeed.run(position, uid, kind, at.getTime())
    this.#ledger.head = position
    this.#ledger.changeHistory(subscriber, change, position)
    if (announce) {
      this.#sql.addAnnouncement.run(position, this.#ledger.numberOf(subscriber))
      this.#ledger.added(subscriber, 0)
    }
    return { ok: true, result: position }
  }

  hasEntries(subscriber: string): boolean {
    const number = this.#ledger.lookUp(subscriber)
    return number !== undefined && this.#sql.hasEntries.get(number) !== undefined
  }

  hasEntryWithout(record: GlobalRecord, subscriber: string, moment: number): boolean {
    const number = this.#ledger.lookUp(subscriber)
    return number !== undefined && this.#sql.hasEntryWithout.get(number, moment, record) !== undefined
  }

  subscribers(): readonly string[] {
    return this.#sql.subscribers.all().map(({ ae_title }) => ae_title as string)
  }

  list(subscriber: string, after: Sequence | undefined, limit: number): readonly Subscribed[] {
    const number = this.#ledger.lookUp(subscriber)
    if (number === undefined) return []
    return this.#sql.list
      .all(number, after ?? 0, limit)
      .map((row) => ({ sequence: row.sequence as Sequence, uid: row.uid as string, entry: entryOf(row) }))
  }

  announcements(): readonly Announcement[] {
    return this.#sql.announcements.all().map(({ ae_title, operation }) => ({
      subscriber: ae_title as string,
      operation: operation as Position,
    }))
  }

  candidates({ operation }: Announcement, limit: number): readonly Row[] {
    return this.#sql.candidates.all(operation, limit)
  }

  announce({ announcement, through, reports }: AnnouncedBatch, histories: Position | undefined): Outcome<void> {
    if (histories !== this.#ledger.globals.version) return stale('The global subscriptions are')
    for (const { uid, expected } of reports) {
      if (!this.#sql.isAt.get(uid, expected)) return stale(`The workitem ${uid} is`)
    }
    this.#sql.moveAnnouncement.run(through, announcement.operation)
    this.#backlog.announce(announcement.subscriber, reports)
    return DONE
  }

  endAnnouncement({ operation }: Announcement): Outcome<void> {
    this.#sql.endAnnouncement.run(operation)
    return DONE
  }

  forget(limit: number): Outcome<boolean> {
    const { changes } = this.#sql.forget.run(limit)
    const mayBeMore = Number(changes) === limit
    if (!mayBeMore) this.#sql.forgotten.run()
    return { ok: true, result: mayBeMore }
  }
}

const NONE: readonly Entry[] = []

const entryOf = ({ ae_title, state, makers, since, position }: Row): Entry => ({
  subscriber: ae_title as string,
  state: state as SubscriptionState,
  makers: JSON.parse(makers as string) as Maker[],
  since: since as number,
  at: position as number,
})

const SUBSCRIBED = "e.state <> 'Not Subscribed' AND e.position > s.cleared"

const SQL = {
  entries: `SELECT ae_title, state, makers, since, position FROM entry e JOIN subscriber s ON s.id = e.subscriber
            WHERE workitem = ? AND e.position > s.cleared`,
  attended: `SELECT w.sequence, w.uid, w.position, w.created_at, w.dataset
             FROM json_each(?) wanted CROSS JOIN workitem w ON w.uid = wanted.value ORDER BY wanted.key`,
  entriesOfAll: `SELECT e.workitem, ae_title, state, makers, since, position
                 FROM (SELECT DISTINCT value FROM json_each(?)) wanted CROSS JOIN entry e ON e.workitem = wanted.value
                 JOIN subscriber s ON s.id = e.subscriber WHERE e.position > s.cleared`,
  insertFeed: `INSERT INTO feed (position, uid, kind, at, reports) VALUES (?, ?, ?, ?, '[]')`,
  hasEntries: `SELECT 1 FROM subscriber s WHERE id = ?
               AND EXISTS (SELECT 1 FROM entry e WHERE e.subscriber = s.id AND ${SUBSCRIBED})`,
  hasEntryWithout: `SELECT 1 FROM entry WHERE subscriber = ? AND position > ?
                    AND ? NOT IN (SELECT value FROM json_each(makers)) LIMIT 1`,
  subscribers: `SELECT ae_title FROM subscriber s
                WHERE EXISTS (SELECT 1 FROM global_operation WHERE subscriber = s.id)
                OR EXISTS (SELECT 1 FROM entry e WHERE e.subscriber = s.id AND ${SUBSCRIBED})`,
  list: `SELECT w.sequence, w.uid, ae_title, e.state, makers, since, e.position
         FROM entry e JOIN subscriber s ON s.id = e.subscriber JOIN workitem w ON w.sequence = e.workitem
         WHERE e.subscriber = ? AND ${SUBSCRIBED}
         AND e.workitem > ?
         ORDER BY e.workitem LIMIT ?`,
  announcements: `SELECT ae_title, operation FROM announcement a JOIN subscriber s ON s.id = a.subscriber
                  ORDER BY operation`,
  candidates: `SELECT w.* FROM announcement a JOIN workitem w ON w.sequence > a.through AND w.sequence <= a.last
               WHERE a.operation = ? ORDER BY w.sequence LIMIT ?`,
  isAt: 'SELECT 1 FROM workitem WHERE uid = ? AND position = ?',
  addAnnouncement: `INSERT INTO announcement (operation, subscriber, last)
                    SELECT ?, ?, coalesce(max(sequence), 0) FROM workitem`,
  moveAnnouncement: 'UPDATE announcement SET through = ? WHERE operation = ?',
  endAnnouncement: 'DELETE FROM announcement WHERE operation = ?',
  forget: `DELETE FROM entry WHERE (workitem, subscriber) IN
             (SELECT e.workitem, e.subscriber FROM subscriber s JOIN entry e ON e.subscriber = s.id
              WHERE s.cleared > s.forgotten AND e.position <= s.cleared LIMIT ?)`,
  forgotten: 'UPDATE subscriber SET forgotten = cleared WHERE cleared > forgotten',
} as const
