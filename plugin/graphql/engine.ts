/** Runs operations: graphql-yoga, with what we allow, how long we wait, and what leaves the house when something fails. */
import type { IncomingMessage } from 'node:http'
import {
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLError,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  type validate,
  type ParseOptions,
  type Source,
} from 'graphql'
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga'
import { type OperationContext, operationContext, type TimeLimit } from './context.ts'
import { DocumentCache } from './document-cache.ts'
import { checkDocuments, documentOf } from './documents.ts'
import { Effort } from './effort.ts'
import { httpStatusOf } from './error-codes.ts'
import { maskedError, ownError } from './errors.ts'
import { graphiqlFor, renderGraphiql } from './graphiql.ts'
import {
  costError,
  nothingSpent,
  parseWithin,
  shapeError,
  type Spent,
  spendCharacters,
  validateWithin,
} from './limits.ts'
import { LoopTurns } from './loop-turns.ts'
import type { GraphqlService, GraphqlSettings } from './ports.ts'
import { READING, readingTimeOf, streamError } from './request-parameters.ts'
import { worklistSchema } from './schema.ts'

/** What comes with an operation: an HTTP request of Node.js, or from a WebSocket the signal that its operations end with. */
export type ServerContext = { readonly req: IncomingMessage } | { readonly signal: AbortSignal }

export type Engine = YogaServerInstance<ServerContext, OperationContext>

/** @throws UpsError UPS_BAD_OPTION for a document that cannot be run */
export function createEngine(service: GraphqlService, settings: GraphqlSettings): Engine {
  const schema = worklistSchema()
  if (settings.documents) checkDocuments(settings.documents, schema, settings.limits)
  return createYoga<ServerContext, OperationContext>({
    schema,
    context: (initial) => operationContext(service, 'signal' in initial ? initial.signal : initial.request.signal),
    // The path is that of the host; whatever comes here is for us.
    graphqlEndpoint: '/*',
    plugins: [READING, limiting(settings, service), inTime(settings.timeout)],
    maskedErrors: { maskError: (error) => withHttpStatus(maskedError(error, service.logger)) },
    parserAndValidationCache: { documentCache: new DocumentCache(), errorCache: NO_CACHE, validationCache: true },
    batching: { limit: settings.limits.batch },
    // Who speaks HTTP has read it already.
    maxRequestBodySize: false,
    extraParamNames: ['documentId'],
    graphiql: (_, context) => context !== undefined && 'req' in context && graphiqlFor(context.req, settings),
    renderGraphiQL: renderGraphiql,
    // Other sites are refused before they come here.
    cors: false,
    multipart: false,
    landingPage: false,
    logging: false,
  })
}

/** What cannot be read is read again: errors hold the text that they are about. */
const NO_CACHE = { get: () => undefined, set: () => undefined }

type Parse = (source: string | Source, options?: ParseOptions) => DocumentNode

type OperationKind = Parameters<GraphqlService['tally']['operation']>[0]

const kindOf = ({ document, operationName }: ExecutionArgs): OperationKind =>
  getOperationAST(document, operationName)?.operation === 'mutation' ? 'mutation' : 'query'

function limiting({ limits, introspection, documents }: GraphqlSettings, { tally }: GraphqlService): Plugin {
  const parseShort: Parse = (source, options) => parseWithin(source, limits, options)
  const allowance = new Allowance()
  const turns = new LoopTurns()
  const efforts = new WeakMap<object, Effort>()
  const admit = (kind: OperationKind, args: ExecutionArgs): GraphQLError | undefined => {
    const error =
      (kind === 'subscription' ? streamError(args.contextValue) : undefined) ??
      costError(args, limits, allowance.of(args.contextValue))
    tally.operation(kind, error ? 'refused' : 'run')
    return error
  }
  return {
    async onParams({ params, request, setParams }) {
      setParams(documentOf(params, documents))
      await turns.next()
      efforts.set(request, new Effort(readingTimeOf(request)))
    },
    onParse({ context, params: { source }, setParseFn }) {
      spendCharacters(typeof source === 'string' ? source : source.body, allowance.of(context))
      setParseFn(parseShort)
    },
    onValidate({ params, addValidationRule, setValidationFn, setResult }) {
      const error = shapeError(params.documentAST, limits)
      if (error) setResult([error])
      else setValidationFn((...given: Parameters<typeof validate>) => validateWithin(given, introspection))
      if (!introspection) addValidationRule(NoSchemaIntrospectionCustomRule)
    },
    onExecute({ args, setResultAndStopExecution }) {
      const error = admit(kindOf(args), args)
      if (error) setResultAndStopExecution({ errors: [error] })
    },
    async onExecutionResult({ result, request }) {
      if (!result || !('errors' in result)) return
      // Where it is one operation: that its request was not run is told by the status, too.
      result.errors?.forEach(withHttpStatus)
      if (!('data' in result)) await efforts.get(request)?.makeUp()
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const error = admit('subscription', args)
      if (error) setResultAndStopExecution({ errors: [error] })
    },
  }
}

/** What each request has asked for; an operation of a WebSocket is one of its own. */
class Allowance {
  readonly #spent = new WeakMap<object, Spent>()

  of(context: unknown): Spent {
    const { request } = context as { readonly request?: object }
    if (request === undefined) return nothingSpent()
    const known = this.#spent.get(request)
    if (known) return known
    const spent = nothingSpent()
    this.#spent.set(request, spent)
    return spent
  }
}

function withHttpStatus(error: GraphQLError): GraphQLError {
  const { extensions } = error
  const status = httpStatusOf(extensions.code)
  if (status !== undefined) extensions.http ??= { status, spec: true }
  return error
}

/** An operation that takes too long is given up, whatever it waits for. A subscription may take as long as it likes. */
const inTime = (timeout: number): Plugin<OperationContext> => ({
  onExecute({ args: { contextValue }, executeFn, setExecuteFn }) {
    setExecuteFn((args: ExecutionArgs) => atMost(timeout, executeFn(args), contextValue.time))
  },
})

async function atMost<Result>(timeout: number, result: Promise<Result> | Result, time: TimeLimit): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      time.isOver = true
      reject(ownError('TIMEOUT'))
    }, timeout)
  })
  try {
    return await Promise.race([result, late])
  } finally {
    clearTimeout(timer)
  }
}
