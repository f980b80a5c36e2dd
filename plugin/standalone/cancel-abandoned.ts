/** `archive-ups cancel-abandoned`: cancels a workitem whose performer has lost its Transaction UID. */
import { describeRefusal, isUid, type Receipt, UpsError } from '../index.ts'
import { noWorklist, unexpected, withStore } from './server.ts'
import type { HostSettings } from './settings.ts'

export type Cancelled =
  /** `already`: before, by somebody else. */
  { readonly is: 'canceled' | 'already canceled' } | { readonly is: 'refused'; readonly sentence: string }

/** @throws UpsError */
export function cancelAbandoned(
  uid: string,
  reason: string,
  url: string | undefined,
  settings: HostSettings,
): Promise<Cancelled> {
  if (!isUid(uid)) throw bad('The UID', uid, 'that of a workitem, such as 1.2.840.1')
  if (reason.trim() === '') throw bad('--reason', reason, 'a text')
  const path = `/ctrl/workitems/${uid}/cancel-abandoned`
  return withStore(url, settings, {
    path,
    // Not in the query: that is shorter than a reason may be, and others write it down.
    dataset: { '00741238': { vr: 'LT', Value: [reason] } },
    through: (answer, server) => understand(answer, server, path),
    alone: async (plugin) => outcomeOf(await plugin.worklist.cancelAbandoned(uid, reason)),
  })
}

const bad = (what: string, value: string, expected: string): UpsError =>
  new UpsError('UPS_BAD_OPTION', `${what} is ${JSON.stringify(value)}, expected ${expected}.`)

function outcomeOf(receipt: Receipt): Cancelled {
  if (receipt.outcome === 'accepted') return { is: receipt.position === undefined ? 'already canceled' : 'canceled' }
  const { dicomStatus, detail } = describeRefusal(receipt.refusal)
  return refused(dicomStatus, detail)
}

const refused = (dicomStatus: string, detail: string): Cancelled => ({
  is: 'refused',
  sentence: `Refused with ${dicomStatus}: ${detail}`,
})

/** A success is empty, and says in a Warning when there was nothing to do. */
async function understand(answer: Response, server: string, path: string): Promise<Cancelled> {
  const text = await answer.text().catch(() => undefined)
  // Somebody else's page is no confirmation.
  const isOurs = answer.headers.has('x-request-id')
  if (answer.ok && isOurs && text === '') return { is: answer.headers.has('warning') ? 'already canceled' : 'canceled' }
  if (answer.ok) throw noWorklist(server)
  const problem = problemIn(text)
  if (problem) return refused(problem.dicomStatus, problem.detail)
  throw unexpected(server, answer, path)
}

interface Problem {
  readonly dicomStatus: string
  readonly detail: string
}

/** Undefined: nothing that the worklist says about the workitem. */
function problemIn(text: string | undefined): Problem | undefined {
  try {
    const { dicomStatus, detail } = JSON.parse(text ?? '') as Partial<Record<keyof Problem, unknown>>
    if (typeof dicomStatus === 'string' && typeof detail === 'string') return { dicomStatus, detail }
  } catch {
    // It is no problem details.
  }
  return undefined
}
