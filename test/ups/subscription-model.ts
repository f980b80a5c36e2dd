/**
 * A naive subscription list: one row for each AE and each workitem, as standard.md D.1, D.4 and decisions.md 4 describe it.
 * It knows nothing of the rules in plugin/.
 */

export type RecordName = 'global' | 'filtered'
export type MakerName = 'explicit' | RecordName
export type RowState = 'Not' | 'Lock' | 'Free'

/** What filters look at and what State Reports carry. */
export interface Looks {
  readonly label: 'X' | 'Y' | 'Z'
  readonly patient: 'A' | 'B' | undefined
  /** Year of the scheduled start. */
  readonly year: 2025 | 2026
  readonly state: 'SCHEDULED' | 'IN PROGRESS' | 'CANCELED'
  readonly ready: 'READY' | 'INCOMPLETE'
  /** Nobody looks at this. */
  readonly comment: string
}

/** Named, with its meaning told without the matcher. */
export interface NaiveFilter {
  readonly name: string
  readonly holds: (looks: Looks) => boolean
}

export type ModelStep =
  | { readonly does: 'create'; readonly looks: Looks }
  /** `reports`: how many reports the change causes. */
  | { readonly does: 'update'; readonly item: number; readonly looks: Partial<Looks>; readonly reports: number }
  | { readonly does: 'subscribe'; readonly item: number; readonly ae: string; readonly lock: boolean }
  | { readonly does: 'unsubscribe'; readonly item: number; readonly ae: string }
  | { readonly does: 'subscribeGlobally'; readonly ae: string; readonly lock: boolean }
  | { readonly does: 'subscribeFiltered'; readonly ae: string; readonly lock: boolean; readonly filter: NaiveFilter }
  | { readonly does: 'suspend'; readonly ae: string; readonly record: RecordName }
  | { readonly does: 'unsubscribeGlobally'; readonly ae: string; readonly record: RecordName }

export interface NaiveRow {
  state: RowState
  readonly makers: Set<MakerName>
  /** The global subscription with lock, by its number among the accepted commands, that owes it an initial report. */
  owedBy?: number | undefined
}

/** To whom a step sends what: the reports of the change, or the initial State Report. */
export type Sent = ReadonlyMap<string, 'reports' | 'initial'>

export type StepResult =
  { readonly refused: true } | { readonly refused: false; readonly sent: Sent; readonly owed: readonly number[] }

interface NaiveRecords {
  global?: { readonly lock: boolean }
  filtered?: { readonly lock: boolean; readonly filter: NaiveFilter }
  /** Made since they were last dropped, or everything was cleared. */
  readonly made: Set<RecordName>
}

const REFUSED: StepResult = { refused: true }
const stateBy = (lock: boolean): RowState => (lock ? 'Lock' : 'Free')

export class NaiveList {
  readonly items: Looks[] = []
  readonly #aes: readonly string[]
  readonly #rows: NaiveRow[][] = []
  readonly #records: ReadonlyMap<string, NaiveRecords>
  /** Number of the last accepted command. */
  #accepted = 0

  constructor(aes: readonly string[]) {
    this.#aes = aes
    this.#records = new Map(aes.map((ae) => [ae, { made: new Set() }]))
  }

  row(ae: string, item: number): NaiveRow {
    const row = this.#rows[item]?.[this.#aes.indexOf(ae)]
    if (!row) throw new Error(`no row for ${ae} and ${item}`)
    return row
  }

  take(step: ModelStep): StepResult {
    const result = this.#take(step)
    if (!result.refused) this.#accepted++
    return result
  }

  #take(step: ModelStep): StepResult {
    switch (step.does) {
      case 'create':
        return this.#create(step.looks)
      case 'update':
        return this.#update(step)
      case 'subscribe': {
        const row = this.row(step.ae, step.item)
        row.state = stateBy(step.lock)
        row.makers.add('explicit')
        row.owedBy = undefined
        return accepted(new Map([[step.ae, 'initial']]))
      }
      case 'unsubscribe': {
        const row = this.row(step.ae, step.item)
        if (row.state === 'Not') return REFUSED
        empty(row)
        return accepted()
      }
      case 'subscribeGlobally': {
        const records = this.#of(step.ae)
        records.global = { lock: step.lock }
        records.made.add('global')
        return accepted(
          new Map(),
          this.#cover(step.ae, 'global', step.lock, () => true),
        )
      }
      case 'subscribeFiltered': {
        const records = this.#of(step.ae)
        records.filtered = { lock: step.lock, filter: step.filter }
        records.made.add('filtered')
        return accepted(new Map(), this.#cover(step.ae, 'filtered', step.lock, step.filter.holds))
      }
      case 'suspend': {
        const records = this.#of(step.ae)
        if (!records[step.record]) return REFUSED
        delete records[step.record]
        return accepted()
      }
      case 'unsubscribeGlobally':
        return this.#unsubscribeGlobally(step.ae, step.record)
    }
  }

  #create(looks: Looks): StepResult {
    this.items.push(looks)
    const sent = new Map<string, 'reports' | 'initial'>()
    this.#rows.push(
      this.#aes.map((ae) => {
        const { global, filtered } = this.#of(ae)
        const locks: boolean[] = []
        const makers = new Set<MakerName>()
        if (global) {
          makers.add('global')
          locks.push(global.lock)
        }
        if (filtered?.filter.holds(looks)) {
          makers.add('filtered')
          locks.push(filtered.lock)
        }
        if (locks.length === 0) return { state: 'Not', makers }
        sent.set(ae, 'reports')
        return { state: stateBy(locks.some(Boolean)), makers }
      }),
    )
    return accepted(sent)
  }

  #update({ item, looks, reports }: Extract<ModelStep, { does: 'update' }>): StepResult {
    const before = this.items[item]
    if (!before) throw new Error(`no workitem ${item}`)
    const after: Looks = { ...before, ...looks }
    this.items[item] = after
    const sent = new Map<string, 'reports' | 'initial'>()
    for (const ae of this.#aes) {
      const row = this.row(ae, item)
      if (row.state !== 'Not' && reports > 0) sent.set(ae, 'reports')
      const { filtered } = this.#of(ae)
      if (!filtered || filtered.filter.holds(before) || !filtered.filter.holds(after)) continue
      if (row.state === 'Not') {
        row.state = stateBy(filtered.lock)
        sent.set(ae, 'initial')
      }
      row.makers.add('filtered')
    }
    return accepted(sent)
  }

  /** The workitems that an initial report is owed to. */
  #cover(ae: string, record: RecordName, lock: boolean, holds: (looks: Looks) => boolean): number[] {
    const owed: number[] = []
    this.items.forEach((looks, item) => {
      if (!holds(looks)) return
      const row = this.row(ae, item)
      if (row.state === 'Not') {
        row.state = stateBy(lock)
        if (lock) {
          owed.push(item)
          row.owedBy = this.#accepted + 1
        }
      }
      row.makers.add(record)
    })
    return owed
  }

  #unsubscribeGlobally(ae: string, record: RecordName): StepResult {
    const records = this.#of(ae)
    const rows = this.#rows.map((_, item) => this.row(ae, item))
    if (records[record === 'global' ? 'filtered' : 'global']) {
      if (!records.made.delete(record)) return REFUSED
      delete records[record]
      for (const row of rows) {
        row.makers.delete(record)
        if (row.makers.size === 0) empty(row)
      }
      return accepted()
    }
    // An AE without a history has made no record; one whose history was cleared neither.
    if (records.made.size === 0 && rows.every(({ state }) => state === 'Not')) return REFUSED
    delete records.global
    delete records.filtered
    records.made.clear()
    rows.forEach(empty)
    return accepted()
  }

  #of(ae: string): NaiveRecords {
    const records = this.#records.get(ae)
    if (!records) throw new Error(`no AE ${ae}`)
    return records
  }
}

function empty(row: NaiveRow): void {
  row.state = 'Not'
  row.makers.clear()
  row.owedBy = undefined
}

const accepted = (sent: Sent = new Map(), owed: readonly number[] = []): StepResult => ({ refused: false, sent, owed })
