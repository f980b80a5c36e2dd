/** A running service in this process: the plugin behind a server on a free port, its store in a folder of its own. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createUpsPlugin, type UpsPlugin, type UpsPluginOptions } from '../../plugin/index.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import type { FeedEntry, Store } from '../../plugin/store/store.ts'
import { type Folder, temporaryFolder } from './folder.ts'
import { closed, opened } from './leaks.ts'

export interface Service {
  readonly plugin: UpsPlugin
  readonly store: Store
  readonly port: number
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** Of an AE: `http://127.0.0.1:PORT/aets/WORKLIST/rs` */
  aet(title?: string): string
  /** All that was ever committed. */
  feed(): Promise<readonly FeedEntry[]>
  stop(): Promise<void>
}

export interface ServiceOptions extends Omit<UpsPluginOptions, 'store'> {
  /** Pages that the database may have, for a full disk. */
  readonly maxPages?: number
  /** Where the store lies; it is kept for the next one then. */
  readonly folder?: Folder
}

export async function startService({ maxPages, folder: kept, ...options }: ServiceOptions = {}): Promise<Service> {
  const folder = kept ?? temporaryFolder()
  const store = openSqliteStore({ file: join(folder.path, 'worklist.db'), ...(maxPages ? { maxPages } : {}) })
  const plugin = createUpsPlugin({ allowedHosts: ['127.0.0.1', 'localhost'], ...options, store })
  await plugin.start()
  const server = createServer(plugin.callback())
  server.on('upgrade', (request, socket, head) => {
    if (!plugin.handleUpgrade(request, socket, head)) socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  opened(server, `service at ${url}`, () => server.close())
  const prefix = (options.prefix ?? '').replace(/\/$/, '')
  return {
    plugin,
    store,
    port,
    url,
    aet: (title = 'WORKLIST') => `${url}${prefix}/aets/${encodeURIComponent(title)}/rs`,
    feed: () => store.readFeed(undefined, Number.MAX_SAFE_INTEGER),
    async stop() {
      const gone = new Promise((resolve) => server.close(resolve))
      await plugin.stop()
      server.closeAllConnections()
      await gone
      await store.close()
      if (!kept) folder.remove()
      closed(server)
    },
  }
}
