// Follows what changes, through every break of the connection: node docs/examples/follow.js URL [HOW MANY [AFTER]]
// URL: http://localhost:8080/graphql. AFTER: a position; 0 is before all changes. One line of JSON for each change.
import { setTimeout } from 'node:timers/promises'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

const [url = '', count = Infinity, after] = process.argv.slice(2)
const query = `subscription ($after: FeedPosition) {
  workitemChanges(after: $after) { position kind transition uid workitem { state procedureStepLabel } }
}`
const client = createClient({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  retryAttempts: Infinity,
  retryWait: () => setTimeout(500),
  shouldRetry: () => true,
})
// A client that connects again sends them as they are then.
const variables = { after }
let seen = 0

// Gives the error that ended it, if one did.
async function begin() {
  for await (const { data, errors } of client.iterate({ query: '{ feed { position } }' })) {
    if (!data?.feed) return errors[0]
    variables.after = data.feed.position
  }
}

async function follow() {
  for await (const { data, errors } of client.iterate({ query, variables })) {
    if (!data) return errors[0]
    variables.after = data.workitemChanges.position
    process.stdout.write(`${JSON.stringify(data.workitemChanges)}\n`)
    if (++seen >= count) return
  }
}

// The service stops, or cannot read its store now.
const isPassing = (error) => ['RESUME', 'UNAVAILABLE'].includes(error?.extensions?.code)

async function untilOver(work) {
  for (;;) {
    const error = await work()
    if (!isPassing(error)) return error
    await setTimeout(500)
  }
}

const error = (after === undefined ? await untilOver(begin) : undefined) ?? (await untilOver(follow))
await client.dispose()
if (error) {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
