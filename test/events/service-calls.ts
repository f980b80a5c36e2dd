/** What tests of event channels do with a running service. */
import { expect } from 'chai'
import { post } from '../support/http.ts'
import type { Service } from '../support/service.ts'
import { sample } from '../support/workitems.ts'

export const GLOBAL = '1.2.840.10008.5.1.4.34.5'

const MINIMAL = sample('minimal')

/** Unassigned, so that a creation causes one report. */
export async function create(service: Service, uids: readonly string[]): Promise<void> {
  await Promise.all(
    uids.map((uid) =>
      service.plugin.worklist.execute(
        { kind: 'create', uid, receivingAE: 'WORKLIST', attributes: MINIMAL },
        'WORKLIST',
      ),
    ),
  )
}

/** Two State Reports for each that is SCHEDULED; the second one holds the reason. */
export async function cancel(service: Service, uids: readonly string[], reason = 'no'): Promise<void> {
  const attributes = { '00741238': { vr: 'LT', Value: [reason] } } as const
  const all = uids.map((uid) =>
    service.plugin.worklist.execute({ kind: 'requestCancel', uid, requestingAE: 'BOSS', attributes }, 'WORKLIST'),
  )
  for (const { outcome } of await Promise.all(all)) expect(outcome).to.equal('accepted')
}

export const uidsBelow = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}.${n + 1}`)

export async function subscribe(service: Service, subscriber: string, uid = GLOBAL, query = ''): Promise<void> {
  const url = `${service.aet()}/workitems/${uid}/subscribers/${subscriber}${query}`
  expect((await post(url)).status).to.equal(201)
}

/** UIDs of what waits for a subscriber. */
export const waiting = async (service: Service, subscriber: string): Promise<readonly string[]> =>
  (await service.store.readBacklog(subscriber, undefined, 100_000)).map(({ uid }) => uid)

export async function metric(service: Service, name: string): Promise<number> {
  const text = await (await fetch(`${service.url}/metrics`)).text()
  const values = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)$`, 'gm'))]
  return values.reduce((sum, [, value]) => sum + Number(value), 0)
}
