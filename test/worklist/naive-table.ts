/**
 * Subscriptions as the standard describes them, without any cleverness: a row for each AE and each workitem (standard.md
 * D.4, decisions.md 4). What the rules and the store do in O(1) rows is compared with it.
 */

export type Label = 'X' | 'Y' | 'Z'
export type GlobalRecord = 'global' | 'filtered'
export type Maker = 'explicit' | GlobalRecord

export type Step =
  | { readonly does: 'create'; readonly label: Label }
  | { readonly does: 'update'; readonly item: number; readonly label: Label }
  | { readonly does: 'subscribe'; readonly item: number; readonly ae: string; readonly lock: boolean }
  | { readonly does: 'unsubscribe'; readonly item: number; readonly ae: string }
  | { readonly does: 'subscribe globally'; readonly ae: string; readonly lock: boolean }
  | {
      readonly does: 'subscribe filtered'
      readonly ae: string
      readonly lock: boolean
      readonly labels: readonly Label[]
    }
  | { readonly does: 'suspend'; readonly ae: string; readonly record: GlobalRecord }
  | { readonly does: 'unsubscribe globally'; readonly ae: string; readonly record: GlobalRecord }

export interface Row {
  state: 'Not' | 'Lock' | 'Free'
  makers: Set<Maker>
}

interface Records {
  global?: { lock: boolean }
  filtered?: { lock: boolean; labels: readonly Label[] }
}

/** What a step comes to. */
export interface Outcome {
  refused: boolean
  /** AEs that get the reports of the change, or the one initial report: one report each here. */
  told: string[]
  /** Initial reports that a global subscription with lock owes: workitems. */
  owed: number[]
}

export class NaiveTable {
  readonly labels: Label[] = []
  readonly #aes: readonly string[]
  readonly #rows = new Map<string, Row>()
  readonly #records = new Map<string, Records>()
  /** Records that have made something since they were last taken away; 'any' for explicit subscriptions. */
  readonly #ever = new Map<string, Set<Maker>>()

  constructor(aes: readonly string[]) {
    this.#aes = aes
    for (const ae of aes) {
      this.#records.set(ae, {})
      this.#ever.set(ae, new Set())
    }
  }

  row(ae: string, item: number): Row {
    const key = `${ae} ${item}`
    const row = this.#rows.get(key) ?? { state: 'Not' as const, makers: new Set<Maker>() }
    this.#rows.set(key, row)
    return row
  }

  take(step: Step): Outcome {
    const outcome: Outcome = { refused: false, told: [], owed: [] }
    switch (step.does) {
      case 'create':
        this.#create(step.label, outcome)
        break
      case 'update':
        this.#update(step.item, step.label, outcome)
        break
      case 'subscribe': {
        const row = this.row(step.ae, step.item)
        row.state = step.lock ? 'Lock' : 'Free'
        row.makers.add('explicit')
        outcome.told.push(step.ae)
        break
      }
      case 'unsubscribe': {
        const row = this.row(step.ae, step.item)
        outcome.refused = row.state === 'Not'
        this.#clear(row)
        break
      }
      case 'subscribe globally':
        this.#recordsOf(step.ae).global = { lock: step.lock }
        this.#ever.get(step.ae)?.add('global')
        this.labels.forEach((_, item) => this.#cover(step.ae, item, 'global', step.lock, outcome))
        break
      case 'subscribe filtered':
        this.#recordsOf(step.ae).filtered = { lock: step.lock, labels: step.labels }
        this.#ever.get(step.ae)?.add('filtered')
        this.labels.forEach((label, item) => {
          if (step.labels.includes(label)) this.#cover(step.ae, item, 'filtered', step.lock, outcome)
        })
        break
      case 'suspend': {
        const records = this.#recordsOf(step.ae)
        outcome.refused = records[step.record] === undefined
        delete records[step.record]
        break
      }
      case 'unsubscribe globally':
        outcome.refused = !this.#unsubscribeGlobally(step.ae, step.record)
    }
    return outcome
  }

  #create(label: Label, outcome: Outcome): void {
    const item = this.labels.push(label) - 1
    for (const ae of this.#aes) {
      const { global, filtered } = this.#recordsOf(ae)
      const row = this.row(ae, item)
      const matching = filtered?.labels.includes(label) ? filtered : undefined
      if (global) row.makers.add('global')
      if (matching) row.makers.add('filtered')
      if (row.makers.size === 0) continue
      row.state = global?.lock || matching?.lock ? 'Lock' : 'Free'
      outcome.told.push(ae)
    }
  }

  #update(item: number, label: Label, outcome: Outcome): void {
    const before = this.labels[item]
    this.labels[item] = label
    for (const ae of this.#aes) {
      const { filtered } = this.#recordsOf(ae)
      const row = this.row(ae, item)
      const was = row.state !== 'Not'
      if (filtered && before && !filtered.labels.includes(before) && filtered.labels.includes(label)) {
        if (!was) row.state = filtered.lock ? 'Lock' : 'Free'
        row.makers.add('filtered')
      }
      if (row.state !== 'Not') outcome.told.push(ae)
    }
  }

  #cover(ae: string, item: number, maker: GlobalRecord, lock: boolean, outcome: Outcome): void {
    const row = this.row(ae, item)
    if (row.state === 'Not') {
      row.state = lock ? 'Lock' : 'Free'
      if (lock) outcome.owed.push(item)
    }
    row.makers.add(maker)
  }

  /** Whether there was anything. */
  #unsubscribeGlobally(ae: string, record: GlobalRecord): boolean {
    const records = this.#recordsOf(ae)
    const ever = this.#ever.get(ae) ?? new Set<Maker>()
    const other = record === 'global' ? 'filtered' : 'global'
    if (records[other]) {
      if (!ever.delete(record)) return false
      delete records[record]
      this.labels.forEach((_, item) => {
        const row = this.row(ae, item)
        row.makers.delete(record)
        if (row.makers.size === 0) this.#clear(row)
      })
      return true
    }
    const had = ever.size > 0 || this.labels.some((_, item) => this.row(ae, item).state !== 'Not')
    this.#records.set(ae, {})
    ever.clear()
    this.labels.forEach((_, item) => this.#clear(this.row(ae, item)))
    return had
  }

  #clear(row: Row): void {
    row.state = 'Not'
    row.makers.clear()
  }

  #recordsOf(ae: string): Records {
    const records = this.#records.get(ae)
    if (!records) throw new Error(`no such AE: ${ae}`)
    return records
  }
}
