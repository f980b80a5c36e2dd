/** Commands: the same as UPS-RS has, through the same write path. Here they are only translated. */
import { randomUUID } from 'node:crypto'
import { firstString } from '../dicom/access.ts'
import { parseDatasetJson } from '../dicom/json.ts'
import type { Dataset } from '../dicom/dataset.ts'
import { uidFromUuid } from '../dicom/uid.ts'
import { positionText } from '../feed/position.ts'
import { type Accepted, refuseFor } from '../ups/decision.ts'
import { problemAt } from '../ups/problems.ts'
import { TAG } from '../ups/tags.ts'
import { dicomCode, WARNINGS } from '../ups/statuses.ts'
import type { State } from '../ups/workitem.ts'
import type { Receipt } from '../worklist/execute.ts'
import type { HostCommand } from '../worklist/worklist.ts'
import { requireAe, requireAeTitle } from './ae.ts'
import type { OperationContext } from './context.ts'
import { codeOf } from './error-codes.ts'
import { ownError, refusedError } from './errors.ts'
import { readWorkitemFilter, type WorkitemFilterInput } from './filter.ts'

interface Through {
  readonly aeTitle: string
}

interface CreateArguments extends Through {
  readonly uid?: string | null
  /** As it was sent; the command checks it. */
  readonly dataset: unknown
}

interface UpdateArguments extends Through {
  readonly uid: string
  readonly dataset: unknown
  readonly transactionUID?: string | null
}

interface ChangeStateArguments extends Through {
  readonly uid: string
  readonly state: State
  readonly transactionUID?: string | null
  readonly requester?: string | null
}

interface RequestCancellationArguments extends Through {
  readonly uid: string
  readonly requester?: string | null
  readonly dataset?: unknown
}

interface SubscriptionArguments extends Through {
  readonly uid: string
  readonly subscriber: string
}

interface SubscribeArguments extends SubscriptionArguments {
  readonly deletionLock: boolean
  readonly filter?: WorkitemFilterInput | null
}

/** `WorkitemPayload` and `SubscriptionPayload`. */
interface Payload {
  readonly uid: string
  readonly subscriber?: string
  readonly warnings: readonly object[]
  readonly position: string | null
}

type Mutation<Arguments> = (source: unknown, given: Arguments, context: OperationContext) => Payload | Promise<Payload>

const create: Mutation<CreateArguments> = (_, { aeTitle, uid, dataset }, context) => {
  const attributes = dataset as Dataset
  const wanted = uid ?? uidIn(dataset) ?? uidFromUuid(randomUUID())
  return run({ kind: 'create', uid: wanted, receivingAE: aeTitle, attributes }, aeTitle, context)
}

const update: Mutation<UpdateArguments> = (_, { aeTitle, uid, dataset, transactionUID }, context) => {
  refuseTransactionUidIn(dataset)
  const attributes = dataset as Dataset
  return run({ kind: 'update', uid, transactionUid: transactionUID ?? undefined, attributes }, aeTitle, context)
}

/** It would be dropped, or contradict the argument (decisions.md 1 and 3). */
function refuseTransactionUidIn(dataset: unknown): void {
  const [sent] = [dataset].flat()
  if (typeof sent !== 'object' || sent === null || !(TAG.TransactionUID in sent)) return
  const problem = problemAt('notAllowedAttribute', TAG.TransactionUID, 'expected as the argument transactionUID')
  throw refusedError(refuseFor([problem]).refusal)
}

const changeState: Mutation<ChangeStateArguments> = (_, { aeTitle, uid, state, ...given }, context) => {
  const transactionUid = given.transactionUID ?? undefined
  const requester = optionalTitle(given.requester, 'The requester')
  return run(
    { kind: 'changeState', uid, state, transactionUid, requester, hasOtherAttributes: false },
    aeTitle,
    context,
  )
}

const requestCancellation: Mutation<RequestCancellationArguments> = (_, { aeTitle, uid, ...given }, context) => {
  const requestingAE = optionalTitle(given.requester, 'The requester') ?? requireAe(aeTitle, context).aeTitle
  const attributes = (given.dataset ?? {}) as Dataset
  return run({ kind: 'requestCancel', uid, requestingAE, attributes }, aeTitle, context)
}

const subscribe: Mutation<SubscribeArguments> = (_, { filter, deletionLock, ...given }, context) => {
  if (!filter) return withSubscriber({ kind: 'subscribe', deletionLock }, given, context)
  const { keys, options: matching } = readWorkitemFilter(filter)
  return withSubscriber({ kind: 'subscribe', deletionLock, filter: keys, matching }, given, context)
}

const unsubscribe: Mutation<SubscriptionArguments> = (_, given, context) =>
  withSubscriber({ kind: 'unsubscribe' }, given, context)

const suspend: Mutation<SubscriptionArguments> = (_, given, context) =>
  withSubscriber({ kind: 'suspend' }, given, context)

async function cancelAbandoned(
  _: unknown,
  { uid, reason }: { readonly uid: string; readonly reason: string },
  { service }: OperationContext,
): Promise<Payload> {
  return payloadOf(uid, await service.worklist.cancelAbandoned(uid, reason))
}

async function reloadConfiguration(_: unknown, __: unknown, { service }: OperationContext): Promise<object> {
  const trouble = await service.administration.reload()
  if (!trouble) return {}
  const { kind, message, problems } = trouble
  throw ownError(kind === 'unreachable' ? 'DIRECTORY_UNREACHABLE' : 'CONFIGURATION_REFUSED', message, { problems })
}

const optionalTitle = (aeTitle: string | null | undefined, what: string): string | undefined =>
  aeTitle === undefined || aeTitle === null ? undefined : requireAeTitle(aeTitle, what)

/** That of the dataset, as UPS-RS takes it from there (decisions.md 1); a dataset that cannot be read is refused later. */
function uidIn(dataset: unknown): string | undefined {
  const parsed = parseDatasetJson(dataset)
  if (!parsed.ok) return undefined
  return firstString(parsed.value, TAG.SOPInstanceUID) ?? firstString(parsed.value, TAG.AffectedSOPInstanceUID)
}

type WithoutSubscriber<Command> = Command extends { subscriber: string } ? Omit<Command, 'uid' | 'subscriber'> : never

async function withSubscriber(
  command: WithoutSubscriber<HostCommand>,
  { aeTitle, uid, ...given }: SubscriptionArguments,
  context: OperationContext,
): Promise<Payload> {
  const subscriber = requireAeTitle(given.subscriber, 'The subscriber')
  return { ...(await run({ ...command, uid, subscriber }, aeTitle, context)), subscriber }
}

async function run(command: HostCommand, aeTitle: string, context: OperationContext): Promise<Payload> {
  const ae = requireAe(aeTitle, context)
  return payloadOf(command.uid, await context.service.worklist.execute(command, ae.aeTitle))
}

/** @throws GraphQLError for a refusal */
function payloadOf(uid: string, receipt: Receipt): Payload {
  if (receipt.outcome === 'refused') throw refusedError(receipt.refusal)
  const { position, warnings } = receipt
  return { uid, warnings: warnings.map(warning), position: position === undefined ? null : positionText(position) }
}

function warning(key: Accepted['warnings'][number]): object {
  const { text } = WARNINGS[key]
  return { code: codeOf(key), dicomStatus: dicomCode(WARNINGS[key]), text }
}

type AnyMutation = (source: unknown, given: never, context: OperationContext) => unknown

/** Whoever was told that it took too long must not find later commands of the document carried out. */
const inTime =
  (mutation: AnyMutation): AnyMutation =>
  (source, given, context) => {
    if (context.time.isOver) throw ownError('TIMEOUT')
    return mutation(source, given, context)
  }

const MUTATIONS = {
  create,
  update,
  changeState,
  requestCancellation,
  subscribe,
  unsubscribe,
  suspend,
  cancelAbandoned,
  reloadConfiguration,
}

export const MUTATION_RESOLVERS = {
  Mutation: Object.fromEntries(Object.entries(MUTATIONS).map(([name, mutation]) => [name, inTime(mutation)])),
  WorkitemPayload: {
    workitem: ({ uid }: Payload, _: unknown, { loaders }: OperationContext) => loaders.workitem.load(uid),
  },
}
