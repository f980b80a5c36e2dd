import type { Commit, Position, Store } from '../../plugin/store/store.ts'

/** What a commit does not say that has nothing to do with subscriptions. */
export const UNATTENDED: Pick<Commit, 'histories' | 'entries' | 'deliveries'> = {
  histories: undefined,
  entries: [],
  deliveries: [],
}

export const deletion = (uid: string, expected: Position): Commit => ({
  uid,
  expected,
  next: undefined,
  kind: 'delete',
  replaced: {},
  reports: [],
  at: new Date(),
  ...UNATTENDED,
})

/** As retention does it. */
export async function deleteWorkitem(store: Store, uid: string): Promise<void> {
  const loaded = await store.load(uid)
  if (loaded.is !== 'there') throw new Error(`${uid} is not there`)
  const { version } = await store.globalSubscriptions()
  await store.commit({ ...deletion(uid, loaded.version), histories: version })
}
