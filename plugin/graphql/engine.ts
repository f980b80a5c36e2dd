/** Runs operations: graphql-yoga, with what we allow, how long we wait, and what leaves the house when something fails. */
import type { IncomingMessage } from 'node:http'
import {
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLError,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  parse,
  type ParseOptions,
  type Source,
} from 'graphql'
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga'
import { type OperationContext, operationContext } from './context.ts'
import { documentOf } from './documents.ts'
import { httpStatusOf } from './error-codes.ts'
import { maskedError, ownError } from './errors.ts'
import { graphiqlFor, renderGraphiql } from './graphiql.ts'
import { costError, shapeError, textError } from './limits.ts'
import type { GraphqlService, GraphqlSettings } from './ports.ts'
import { worklistSchema } from './schema.ts'

/** What comes with an operation: an HTTP request of Node.js, or from a WebSocket the signal that its operations end with. */
export type ServerContext = { readonly req: IncomingMessage } | { readonly signal: AbortSignal }

export type Engine = YogaServerInstance<ServerContext, OperationContext>

export function createEngine(service: GraphqlService, settings: GraphqlSettings): Engine {
  return createYoga<ServerContext, OperationContext>({
    schema: worklistSchema(),
    context: (initial) => {
      const gone = 'signal' in initial ? initial.signal : initial.request.signal
      return operationContext(service, AbortSignal.any([gone, AbortSignal.timeout(settings.timeout)]))
    },
    // The path is that of the host; whatever comes here is for us.
    graphqlEndpoint: '/*',
    plugins: [limiting(settings, service), inTime(settings.timeout)],
    maskedErrors: { maskError: (error) => maskedError(error, service.logger) },
    batching: { limit: settings.limits.batch },
    maxRequestBodySize: settings.bodyLimit,
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

type Parse = (source: string | Source, options?: ParseOptions) => DocumentNode

const kindOf = ({ document, operationName }: ExecutionArgs): 'query' | 'mutation' =>
  getOperationAST(document, operationName)?.operation === 'mutation' ? 'mutation' : 'query'

function limiting({ limits, introspection, documents }: GraphqlSettings, { tally }: GraphqlService): Plugin {
  const parseWithin: Parse = (source, options) => {
    const error = textError(typeof source === 'string' ? source : source.body)
    if (error) throw error
    return parse(source, { ...options, maxTokens: limits.tokens })
  }
  return {
    onParams({ params, setParams }) {
      setParams(documentOf(params, documents))
    },
    onParse({ setParseFn }) {
      setParseFn(parseWithin)
    },
    onValidate({ params, addValidationRule, setResult }) {
      const error = shapeError(params.documentAST, limits)
      if (error) setResult([error])
      else if (!introspection) addValidationRule(NoSchemaIntrospectionCustomRule)
    },
    onExecute({ args, setResultAndStopExecution }) {
      const error = costError(args, limits)
      tally.operation(kindOf(args), error ? 'refused' : 'run')
      if (error) setResultAndStopExecution({ errors: [error] })
    },
    onExecutionResult({ result }) {
      // Where it is one operation: that its request was not run is told by the status, too.
      if (result && 'errors' in result) result.errors?.forEach(setHttpStatus)
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const error = costError(args, limits)
      tally.operation('subscription', error ? 'refused' : 'run')
      if (error) setResultAndStopExecution({ errors: [error] })
    },
  }
}

function setHttpStatus({ extensions }: GraphQLError): void {
  const status = httpStatusOf(extensions.code)
  if (status !== undefined) extensions.http = { status, spec: true }
}

/** An operation that takes too long is given up, whatever it waits for. A subscription may take as long as it likes. */
const inTime = (timeout: number): Plugin => ({
  onExecute({ executeFn, setExecuteFn }) {
    setExecuteFn((args: ExecutionArgs) => atMost(timeout, executeFn(args)))
  },
})

async function atMost<Result>(timeout: number, result: Promise<Result> | Result): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(ownError('TIMEOUT')), timeout)
  })
  try {
    return await Promise.race([result, late])
  } finally {
    clearTimeout(timer)
  }
}
