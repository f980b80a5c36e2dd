/** Operations of a WebSocket: the same engine, limits and errors as over HTTP. */
import {
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLFormattedError,
} from 'graphql'
import type { ServerOptions, SubscribePayload } from 'graphql-ws'
import { documentOf } from './documents.ts'
import type { Engine } from './engine.ts'
import { Effort } from './effort.ts'
import { maskedError, ownError } from './errors.ts'
import { LoopTurns } from './loop-turns.ts'
import type { GraphqlService, GraphqlSettings } from './ports.ts'

/** Of each connection. */
export interface Connection {
  /** Aborted when it is gone. */
  readonly signal: AbortSignal
  /** Operations under way, also those of which the client said that it needs no answer. */
  running: number
}

type Options = ServerOptions<undefined, Connection>
type Subscribed = Awaited<ReturnType<NonNullable<Options['onSubscribe']>>>
type Enveloped = ReturnType<Engine['getEnveloped']>

export function operationsOf(
  engine: Engine,
  { logger, during }: GraphqlService,
  { limits, documents }: GraphqlSettings,
): Options {
  const masked = (error: unknown): GraphQLError => maskedError(error, logger)
  const turns = new LoopTurns()
  const read = async (payload: SubscribePayload, connection: Connection): Promise<Subscribed> => {
    try {
      return await argumentsOf(documentOf(payload, documents), engine, connection)
    } catch (error) {
      return [masked(error)]
    }
  }
  return {
    async onSubscribe({ extra, subscriptions }, _, payload): Promise<Subscribed> {
      const open = Math.max(Object.keys(subscriptions).length, extra.running + 1)
      if (open > limits.operations) return [ownError('TOO_MANY_OPERATIONS')]
      await turns.next()
      const effort = new Effort()
      const wanted = await read(payload, extra)
      if (Array.isArray(wanted)) await effort.makeUp()
      return wanted
    },
    // The HTTP status of a refusal is of no use here.
    onError: (_, __, ___, errors) => errors.map(withoutHttp),
    execute: (args) =>
      during(async () => {
        const { enveloped, connection } = rootOf(args)
        connection.running++
        try {
          return (await enveloped.execute(args)) as ExecutionResult
        } catch (error) {
          return { errors: [masked(error)] }
        } finally {
          connection.running--
        }
      }),
    async subscribe(args) {
      try {
        const result = (await rootOf(args).enveloped.subscribe(args)) as
          ExecutionResult | AsyncIterable<ExecutionResult>
        return Symbol.asyncIterator in result ? ended(result, masked) : result
      } catch (error) {
        return { errors: [masked(error)] }
      }
    },
  }
}

async function argumentsOf(
  {
    query,
    variables,
    operationName,
  }: {
    query?: string | undefined
    variables?: ExecutionArgs['variableValues']
    operationName?: string | null | undefined
  },
  engine: Engine,
  connection: Connection,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const enveloped = engine.getEnveloped({ signal: connection.signal })
  const { schema, parse, validate, contextFactory } = enveloped
  const document = parse(query ?? '')
  const errors = validate(schema, document) as readonly GraphQLError[]
  if (errors.length > 0) return errors
  if (!getOperationAST(document, operationName)) return [WHICH_OPERATION]
  return {
    schema,
    document,
    operationName,
    variableValues: variables,
    contextValue: await contextFactory(),
    rootValue: { enveloped, connection } satisfies Root,
  }
}

/** The library would say so without a code. */
const WHICH_OPERATION = new GraphQLError('Could not determine what operation to execute.', {
  extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
})

function withoutHttp(error: GraphQLError): GraphQLFormattedError {
  const { extensions, ...rest } = error.toJSON()
  const { http: _, ...others } = extensions ?? {}
  return { ...rest, extensions: others }
}

/** Goes with the arguments of an operation. */
interface Root {
  readonly enveloped: Enveloped
  readonly connection: Connection
}

const rootOf = ({ rootValue }: ExecutionArgs): Root => rootValue as Root

/** A stream that fails tells why, as its last word, instead of taking the connection with it. */
function ended(
  results: AsyncIterable<ExecutionResult>,
  masked: (error: unknown) => GraphQLError,
): AsyncGenerator<ExecutionResult> {
  const source = results[Symbol.asyncIterator]()
  let isOver = false
  return {
    async next() {
      if (isOver) return OVER
      try {
        return (await source.next()) as IteratorResult<ExecutionResult, undefined>
      } catch (error) {
        isOver = true
        return { done: false, value: { errors: [masked(error)] } }
      }
    },
    async return() {
      isOver = true
      await source.return?.()
      return OVER
    },
    async throw(error) {
      isOver = true
      await source.return?.()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
    async [Symbol.asyncDispose]() {
      await this.return(undefined)
    },
  }
}

const OVER = { done: true, value: undefined } as const
