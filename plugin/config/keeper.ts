/**
 * Keeps a configuration in force: reads the directory, reads it again when it is told to or finds it changed, and puts a
 * new configuration in the place of the old one whole, or not at all.
 */
import type { ArchiveConfiguration } from './configuration.ts'
import type { DeviceTree, Directory, DirectoryEntry } from './directory.ts'
import type { LastGood } from './last-good.ts'
import { type Failed, type Good, type Read, readConfiguration } from './load.ts'
import type { ConfigurationProblem } from './problems.ts'
import { isRelevant } from './relevant.ts'
import { resolveConfiguration } from './resolve.ts'

/** What is wrong with the directory now; what was good before is in force meanwhile. */
export interface Trouble {
  /** `unreachable`: asking again may help. `unusable`, `invalid`: somebody must change the directory. */
  readonly kind: Failed['kind']
  /** One sentence for an administrator. */
  readonly message: string
  /** The values that cannot be used, for `invalid`. */
  readonly problems: readonly ConfigurationProblem[]
  readonly since: Date
}

export interface InForce {
  readonly configuration: ArchiveConfiguration
  /** When it was read from the directory. */
  readonly readAt: Date
  /** `last good`: the directory could not be used when the service started. */
  readonly from: 'directory' | 'last good'
}

export type Reloaded =
  { readonly outcome: 'changed' | 'unchanged' } | { readonly outcome: 'refused'; readonly trouble: Trouble }

export interface KeeperOptions {
  readonly directory: Directory
  readonly deviceName: string
  readonly lastGood: LastGood | undefined
  /** Milliseconds between looks at the directory. */
  readonly pollInterval: number
  readonly clock: () => Date
  /** Told of each change of what is in force after the start, and of each trouble when it begins, changes or ends. */
  readonly onEvent: (event: KeeperEvent) => void
}

export type KeeperEvent =
  | { readonly is: 'loaded'; readonly inForce: InForce; readonly first: boolean }
  | { readonly is: 'read'; readonly outcome: Reloaded['outcome'] }
  | { readonly is: 'trouble'; readonly trouble: Trouble }
  | { readonly is: 'well again' }
  | { readonly is: 'not saved' | 'look failed'; readonly error: unknown }

export class ConfigurationKeeper {
  readonly #options: KeeperOptions
  #inForce: InForce
  #trouble: Trouble | undefined
  /** Of the tree that was read last, good or bad. */
  #stamp: string | undefined
  /** Of the tree that is in force. */
  #print: string
  /** What the start read, until `begin` has told of it. */
  #first: Read | undefined
  #reading: Promise<Reloaded> | undefined
  #looking: Promise<unknown> | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  private constructor(options: KeeperOptions, inForce: InForce, tree: DeviceTree, read: Read) {
    this.#options = options
    this.#inForce = inForce
    this.#print = fingerprint(tree)
    this.#stamp = read.stamp
    this.#first = read
  }

  /** @throws UpsError UPS_BAD_CONFIGURATION when neither the directory nor the last good configuration can be used */
  static async open(options: KeeperOptions): Promise<ConfigurationKeeper> {
    const read = await readConfiguration(options.directory, options.deviceName)
    if (read.ok) {
      const inForce: InForce = { configuration: read.configuration, readAt: options.clock(), from: 'directory' }
      return new ConfigurationKeeper(options, inForce, read.tree, read)
    }
    const kept = keptConfiguration(options)
    if (!kept) throw read.error
    return new ConfigurationKeeper(options, kept.inForce, kept.tree, read)
  }

  /** Tells what is in force and what is wrong, keeps on disk what is good, and looks at the directory from now on. */
  begin(): void {
    const read = this.#first
    this.#first = undefined
    this.#options.onEvent({ is: 'loaded', inForce: this.#inForce, first: true })
    if (read?.ok === true) this.#save(read)
    else if (read) this.#refuse(read)
    this.#poll()
  }

  get inForce(): InForce {
    return this.#inForce
  }

  get trouble(): Trouble | undefined {
    return this.#trouble
  }

  /** Reads the directory now. Calls at the same time share one reading that begins after they were made. */
  async reload(): Promise<Reloaded> {
    await this.#reading
    return (this.#reading ??= this.#readAndTell())
  }

  async #readAndTell(): Promise<Reloaded> {
    try {
      const reloaded = await this.#read()
      this.#options.onEvent({ is: 'read', outcome: reloaded.outcome })
      return reloaded
    } finally {
      this.#reading = undefined
    }
  }

  /** Looks no more, and waits for a look under way. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#looking
    await this.#reading?.catch(() => undefined)
  }

  #poll(): void {
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      this.#looking = this.#look()
        .catch((error: unknown) => this.#options.onEvent({ is: 'look failed', error }))
        .finally(() => this.#poll())
    }, this.#options.pollInterval)
    // Looking at the directory must not keep the process alive.
    this.#timer.unref()
  }

  /** Cheap while nothing has changed: the stamp alone is asked for, and what was read before is not read again. */
  async #look(): Promise<void> {
    const { directory, deviceName } = this.#options
    if (this.#stamp !== undefined && this.#trouble?.kind !== 'unreachable') {
      const stamp = await directory.stampDevice?.(deviceName).catch(() => undefined)
      if (stamp === this.#stamp || this.#closed) return
    }
    await this.reload()
  }

  async #read(): Promise<Reloaded> {
    const read = await readConfiguration(this.#options.directory, this.#options.deviceName)
    this.#stamp = read.stamp
    if (!read.ok) return this.#refuse(read)
    const wasInTrouble = this.#trouble !== undefined
    this.#trouble = undefined
    const print = fingerprint(read.tree)
    const changed = print !== this.#print
    this.#print = print
    this.#inForce = { configuration: read.configuration, readAt: this.#options.clock(), from: 'directory' }
    if (changed || wasInTrouble) {
      this.#options.onEvent({ is: 'loaded', inForce: this.#inForce, first: false })
      this.#save(read)
    }
    if (wasInTrouble) this.#options.onEvent({ is: 'well again' })
    return { outcome: changed ? 'changed' : 'unchanged' }
  }

  #refuse(failed: Failed): Reloaded {
    const before = this.#trouble
    const trouble = troubleOf(failed, this.#options.clock())
    const same = before?.kind === trouble.kind && before.message === trouble.message
    this.#trouble = same ? before : trouble
    // The same trouble at every look is told once.
    if (!same) this.#options.onEvent({ is: 'trouble', trouble })
    return { outcome: 'refused', trouble: this.#trouble }
  }

  #save({ tree }: Good): void {
    const { lastGood, directory, deviceName, clock, onEvent } = this.#options
    try {
      lastGood?.save(directory.source, deviceName, tree, clock())
    } catch (error) {
      onEvent({ is: 'not saved', error })
    }
  }
}

const troubleOf = ({ kind, error, problems }: Failed, since: Date): Trouble => ({
  kind,
  message: error.message,
  problems,
  since,
})

/** Undefined also when what was kept can no longer be used: an older version may have found it good. */
function keptConfiguration({
  lastGood,
  directory,
  deviceName,
}: KeeperOptions): { readonly inForce: InForce; readonly tree: DeviceTree } | undefined {
  const kept = lastGood?.load(directory.source, deviceName)
  if (!kept) return undefined
  const resolved = resolveConfiguration(kept.tree, directory.source)
  if (!resolved.ok) return undefined
  const inForce: InForce = { configuration: resolved.configuration, readAt: kept.savedAt, from: 'last good' }
  return { inForce, tree: kept.tree }
}

/** The same for trees that say the same, as far as anybody here reads them. */
function fingerprint({ device, networkAEs }: DeviceTree): string {
  return JSON.stringify([device, ...networkAEs].map(relevantOf))
}

const relevantOf = ({ dn, attributes }: DirectoryEntry): unknown => [
  dn,
  [...attributes].filter(([key]) => isRelevant(key)).toSorted(([a], [b]) => (a < b ? -1 : 1)),
]
