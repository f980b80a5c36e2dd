/** The AE that asks: `/{requester}` at the end of the path (dcm4chee) or `?requester=` (PS3.18 2026a). */
import { type Call, pathParameter, requireAeTitle } from './call.ts'
import { agreed, valuesOf } from './query.ts'

const PARAMETER: ReadonlySet<string> = new Set(['requester'])

export function requesterOf({ ctx, query }: Call): string | undefined {
  const inPath = pathParameter(ctx, 'requester')
  const requester = agreed([...(inPath === '' ? [] : [inPath]), ...valuesOf(query, PARAMETER)], 'the requester')
  return requester === undefined ? undefined : requireAeTitle(requester, 'The requester')
}
