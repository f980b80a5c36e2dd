/**
 * The ceiling: bare `node:http`, `JSON.parse`, and the same durable commit of the same bytes into the same tables; or
 * the same read by key. No rules, no negotiation, no routes. `node bench/ceiling.ts FILE` prints its port.
 *
 *   POST /UID   insert       PUT /UID   update       GET /UID   read
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { configure } from '../plugin/store/sqlite/open.ts'
import { migrate } from '../plugin/store/sqlite/migrate.ts'

const file = process.argv[2] ?? ''
const database = new DatabaseSync(file)
configure(database)
migrate(database, file)

const insert = database.prepare(
  "INSERT INTO workitem (uid, position, state, receiving_ae, dataset) VALUES (?, ?, 'SCHEDULED', 'WORKLIST', ?)",
)
const update = database.prepare(
  "UPDATE workitem SET position = ?, state = 'IN PROGRESS', transaction_uid = '1.2', dataset = ? WHERE uid = ?",
)
const feed = database.prepare(
  'INSERT INTO feed (position, uid, previous, kind, at, state, replaced, reports) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
)
const read = database.prepare('SELECT dataset FROM workitem WHERE uid = ?')

/** What a State Report takes. */
const REPORTS =
  '[{"event":"UPS State Report","information":{"00741000":{"vr":"CS","Value":["SCHEDULED"]},"00404041":{"vr":"CS","Value":["READY"]}}}]'

interface Waiting {
  readonly uid: string
  readonly isNew: boolean
  readonly text: string
  readonly response: ServerResponse
}

let waiting: Waiting[] = []
let position = 0

function commit(): void {
  const batch = waiting
  waiting = []
  database.exec('BEGIN IMMEDIATE')
  for (const { uid, isNew, text } of batch) {
    position++
    if (isNew) insert.run(uid, position, text)
    else update.run(position, text, uid)
    feed.run(position, uid, null, isNew ? 'create' : 'update', Date.now(), 'SCHEDULED', isNew ? null : '{}', REPORTS)
  }
  database.exec('COMMIT')
  for (const { response, isNew } of batch) response.writeHead(isNew ? 201 : 200, EMPTY).end()
}

const EMPTY = { 'Content-Length': 0 }

function write(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString()
    JSON.parse(text)
    if (waiting.length === 0) setImmediate(commit)
    waiting.push({ uid: request.url?.slice(1) ?? '', isNew: request.method === 'POST', text, response })
  })
}

const server = createServer((request, response) => {
  if (request.method !== 'GET') return write(request, response)
  const row = read.get(request.url?.slice(1) ?? '')
  const text = `[${String(row?.dataset)}]`
  const headers = { 'Content-Type': 'application/dicom+json', 'Content-Length': Buffer.byteLength(text) }
  response.writeHead(row ? 200 : 404, headers).end(text)
})
server.listen(0, '127.0.0.1', () => console.log(`ready ${(server.address() as AddressInfo).port}`))
process.once('SIGTERM', () => process.exit(0))
