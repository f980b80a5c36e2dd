/** PS3.18 11.10 Subscribe, 11.11 Unsubscribe, 11.12 Suspend Global Subscription. */
import { execute } from '../worklist/execute.ts'
import { answerReceipt, warnUnknownParameters } from './answer.ts'
import { type Call, channelUrl, pathParameter, requireAeTitle, requirePathUid } from './call.ts'
import { boolean } from './query.ts'
import { readSubscriptionFilter } from './subscription-filter.ts'

const subscriberOf = ({ ctx }: Call): string =>
  requireAeTitle(pathParameter(ctx, 'subscriber'), 'The subscriber in the path')

export async function subscribe(call: Call): Promise<void> {
  const { ctx, query, policy, service } = call
  const uid = requirePathUid(ctx)
  const subscriber = subscriberOf(call)
  const { filter, hasUnknown } = readSubscriptionFilter(query)
  const deletionLock = boolean(query, 'deletionlock') ?? false
  const command = { kind: 'subscribe', uid, subscriber, deletionLock, ...(filter ? { filter } : {}) } as const
  const receipt = await execute(command, policy, service.desk())
  if (hasUnknown && receipt.outcome === 'accepted') warnUnknownParameters(ctx, call.base)
  answerReceipt(call, 'subscribe', receipt, { location: channelUrl(call, subscriber) })
}

export const unsubscribe = (call: Call): Promise<void> => withdraw(call, 'unsubscribe')

export const suspend = (call: Call): Promise<void> => withdraw(call, 'suspend')

async function withdraw(call: Call, kind: 'unsubscribe' | 'suspend'): Promise<void> {
  const uid = requirePathUid(call.ctx)
  const command = { kind, uid, subscriber: subscriberOf(call) } as const
  answerReceipt(call, kind, await execute(command, call.policy, call.service.desk()))
}
