import { join } from 'node:path'
import { expect } from 'chai'
import { SILENT } from '../../plugin/host.ts'
import { openSqliteStore } from '../../plugin/store/sqlite/open.ts'
import type { Store } from '../../plugin/store/store.ts'
import { standingFor } from '../../plugin/ups/attend.ts'
import { readFilter } from '../../plugin/ups/matching-keys.ts'
import type { Policy } from '../../plugin/ups/policy.ts'
import { type Command, execute } from '../../plugin/worklist/execute.ts'
import { loadSituation } from '../../plugin/worklist/situation.ts'
import { Turns } from '../../plugin/worklist/turns.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { changed, sample } from '../support/workitems.ts'
import { LENIENT } from '../ups/support.ts'

const START = '00404005'
const inZone = (timeZone: string): Policy => ({ ...LENIENT, timeZone })

describe('A filter with a date-time', () => {
  let folder: Folder
  let store: Store
  beforeEach(() => {
    folder = temporaryFolder()
    store = openSqliteStore({ file: join(folder.path, 'worklist.db') })
  })
  afterEach(async () => {
    await store.close()
    folder.remove()
  })

  it('means for good what it meant when it came: a changed time zone takes no deletion lock away', async () => {
    const desk = {
      store,
      turns: new Turns(),
      clock: () => new Date('2026-01-01T00:00:00Z'),
      tally: { committed: () => undefined, refused: () => undefined, searched: () => undefined },
      logger: SILENT,
    }
    const run = async (command: Command): Promise<void> => {
      expect((await execute(command, inZone('UTC'), desk)).outcome).to.equal('accepted')
    }
    const attributes = changed(sample('minimal'), { [START]: { vr: 'DT', Value: ['20260101233000'] } })
    await run({ kind: 'create', uid: '1.2.80', receivingAE: 'WORKLIST', attributes })
    const read = readFilter([{ name: START, list: ['20260101000000+0000-20260101235959+0000'] }])
    if (!read.ok) throw new Error('a bad filter')
    const uid = '1.2.840.10008.5.1.4.34.5.1'
    await run({ kind: 'subscribe', uid, subscriber: 'A', deletionLock: true, filter: read.filter })
    for (const zone of ['UTC', 'America/New_York', 'Asia/Tokyo']) {
      const { workitem, facts } = await loadSituation('1.2.80', inZone(zone), store)
      expect(workitem && standingFor('A', workitem, facts).state, zone).to.equal('Subscribed with Lock')
    }
  })
})
