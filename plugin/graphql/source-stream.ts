/** The source of a subscription: what its changes are made into, from a position on, until somebody or something ends it. */
import type { Change } from '../feed/changes.ts'
import { parsePosition, positionText, type Reached } from '../feed/position.ts'
import type { OperationContext } from './context.ts'
import { BadArgument } from './bad-argument.ts'
import { ownError } from './errors.ts'

/**
 * `told`: what is said of a change; undefined: nothing. The stream can be ended while it waits (a generator could not), and reads
 * no further than somebody takes.
 * @throws BadArgument, GraphQLError FEED_POSITION_UNKNOWN, FEED_POSITION_FORGOTTEN; the stream with RESUME
 */
export async function sourceStream<Told>(
  after: string | null | undefined,
  told: (change: Change) => Told | undefined,
  { service, gone }: OperationContext,
): Promise<AsyncGenerator<Told, undefined>> {
  const ended = new AbortController()
  const followed = await service.feed().follow(readPosition(after), ended.signal)
  if (followed.is === 'unknown') throw ownError('FEED_POSITION_UNKNOWN')
  if (followed.is === 'forgotten') throw ownError('FEED_POSITION_FORGOTTEN')
  const source = untilEnd(changesIn(followed.pages, followed.from, told), () => ended.abort())
  service.tally.streams(1)
  ended.signal.addEventListener('abort', () => service.tally.streams(-1), { once: true })
  // Also where nobody ever reads it: its media type was not acceptable, or it was one of several operations.
  gone.addEventListener('abort', () => ended.abort(), { signal: ended.signal })
  // While the feed was asked.
  if (gone.aborted) ended.abort()
  const end = source.return.bind(source)
  // While it waits for the next page a generator hears of nothing but the signal.
  source.return = (value) => {
    ended.abort()
    return end(value)
  }
  return source
}

async function* untilEnd<Told>(
  source: AsyncGenerator<Told, undefined>,
  end: () => void,
): AsyncGenerator<Told, undefined> {
  try {
    yield* source
  } finally {
    end()
  }
}

type Pages = Extract<Awaited<ReturnType<ReturnType<OperationContext['service']['feed']>['follow']>>, { pages: unknown }>

async function* changesIn<Told>(
  pages: Pages['pages'],
  from: Reached,
  told: (change: Change) => Told | undefined,
): AsyncGenerator<Told, undefined> {
  let through = from
  for await (const page of pages) {
    if (page.is === 'end') {
      // Also when the service stops: who is told no more than that the stream is complete would not come back.
      const code = page.why === 'forgotten' ? 'FEED_POSITION_FORGOTTEN' : 'RESUME'
      throw ownError(code, undefined, { after: positionText(through) })
    }
    for (const change of page.changes) {
      const one = told(change)
      if (one !== undefined) yield one
    }
    through = page.through
  }
}

function readPosition(text: string | null | undefined): Reached | undefined {
  if (text === null || text === undefined) return undefined
  const position = parsePosition(text)
  if (position !== undefined) return position
  throw new BadArgument('after', 'is no position of the feed, expected one that this service has given')
}
