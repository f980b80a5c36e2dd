/** Runs operations: graphql-yoga, with what we allow, how long we wait, and what leaves the house when something fails. */
import type { IncomingMessage } from 'node:http'
import {
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLError,
  getOperationAST,
  NoSchemaIntrospectionCustomRule,
  parse,
  validate,
  type ParseOptions,
  type Source,
} from 'graphql'
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga'
import { type OperationContext, operationContext } from './context.ts'
import { checkDocuments, documentOf } from './documents.ts'
import { httpStatusOf } from './error-codes.ts'
import { maskedError, ownError } from './errors.ts'
import { graphiqlFor, renderGraphiql } from './graphiql.ts'
import { costError, isTooLong, shapeError } from './limits.ts'
import type { GraphqlService, GraphqlSettings } from './ports.ts'
import { libraryError } from './library-errors.ts'
import { nestingOf } from './nesting.ts'
import { READING, streamError } from './request-parameters.ts'
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
    // It would hold whole documents by the thousand, refused ones too.
    parserAndValidationCache: false,
    plugins: [READING, limiting(settings, service), inTime(settings.timeout)],
    maskedErrors: { maskError: (error) => withHttpStatus(maskedError(error, service.logger)) },
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

/** Brackets in each other; fields, their arguments and what is in these. */
const MOST_BRACKETS = 100

type Parse = (source: string | Source, options?: ParseOptions) => DocumentNode

const kindOf = ({ document, operationName }: ExecutionArgs): 'query' | 'mutation' =>
  getOperationAST(document, operationName)?.operation === 'mutation' ? 'mutation' : 'query'

function limiting({ limits, introspection, documents }: GraphqlSettings, { tally }: GraphqlService): Plugin {
  const parseWithin: Parse = (source, options) => {
    const text = typeof source === 'string' ? source : source.body
    if (isTooLong(text)) throw ownError('TOO_LARGE')
    if (nestingOf(text) > MOST_BRACKETS) throw ownError('TOO_DEEP')
    return parse(source, { ...options, maxTokens: limits.tokens })
  }
  return {
    onParams({ params, setParams }) {
      setParams(documentOf(params, documents))
    },
    onParse({ setParseFn }) {
      setParseFn(parseWithin)
    },
    onValidate({ params, addValidationRule, setResult, setValidationFn }) {
      const error = shapeError(params.documentAST, limits)
      if (error) setResult([error])
      // What it would suggest instead of a name is of the schema, too.
      setValidationFn((of, document, rules, options) =>
        validate(of, document, rules, { ...options, hideSuggestions: !introspection }).map((error) =>
          libraryError(error, 'GRAPHQL_VALIDATION_FAILED'),
        ),
      )
      if (!introspection) addValidationRule(NoSchemaIntrospectionCustomRule)
    },
    onExecute({ args, setResultAndStopExecution }) {
      const error = costError(args, limits)
      tally.operation(kindOf(args), error ? 'refused' : 'run')
      if (error) setResultAndStopExecution({ errors: [error] })
    },
    onExecutionResult({ result }) {
      // Where it is one operation: that its request was not run is told by the status, too.
      if (result && 'errors' in result) result.errors?.forEach(withHttpStatus)
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const error = streamError(args.contextValue) ?? costError(args, limits)
      tally.operation('subscription', error ? 'refused' : 'run')
      if (error) setResultAndStopExecution({ errors: [error] })
    },
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
    setExecuteFn((args: ExecutionArgs) => atMost(timeout, executeFn(args), () => contextValue.expire()))
  },
})

async function atMost<Result>(timeout: number, result: Promise<Result> | Result, expire: () => void): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      expire()
      reject(ownError('TIMEOUT'))
    }, timeout)
  })
  try {
    return await Promise.race([result, late])
  } finally {
    clearTimeout(timer)
  }
}
