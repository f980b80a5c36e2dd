import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { post, put, send } from '../support/http.ts'
import { startBin, stopBin } from '../support/process.ts'
import { type Service, startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { sample, stateChange } from '../support/workitems.ts'

const ldif = (label: string, aes: readonly string[] = ['A']): string =>
  [
    `dn: dicomDeviceName=archive,dc=x\nobjectClass: dicomDevice\ndicomDeviceName: archive\ndcmUPSWorklistLabel: ${label}\n`,
    ...aes.map(
      (ae) => `dn: dicomAETitle=${ae},dicomDeviceName=archive,dc=x\nobjectClass: dicomNetworkAE\ndicomAETitle: ${ae}\n`,
    ),
  ].join('\n')

describe('Resources for those who run the service', () => {
  let folder: Folder
  const inFolder = (name: string): string => join(folder.path, name)
  const write = (text: string): void => writeFileSync(inFolder('ldif/archive.ldif'), text)
  beforeEach(() => {
    folder = temporaryFolder()
    mkdirSync(inFolder('ldif'))
    write(ldif('one'))
  })
  afterEach(() => folder.remove())

  describe('POST /ctrl/reload', () => {
    let service: Service
    beforeEach(async () => {
      service = await startService({ config: inFolder('ldif'), pollInterval: 1_000_000 })
    })
    afterEach(() => service.stop())
    const reload = () => send(`${service.url}/ctrl/reload`, { method: 'POST' })

    it('is 204, and new AEs answer from then on, removed ones no longer', async () => {
      write(ldif('two', ['B']))
      expect((await send(`${service.aet('B')}/workitems`)).status).to.equal(404)
      const answer = await reload()
      expect([answer.status, answer.text]).to.deep.equal([204, ''])
      expect((await send(`${service.aet('B')}/workitems`)).status).to.equal(204)
      expect((await send(`${service.aet('A')}/workitems`)).status).to.equal(404)
    })

    it('is 409 for a directory that cannot be used, naming what is wrong, but no folder of the machine', async () => {
      write(ldif('x'.repeat(65)))
      const answer = await reload()
      expect(answer.status).to.equal(409)
      expect(answer.problem().title).to.equal(
        'The directory holds a configuration that cannot be used; the last good one stays in force.',
      )
      expect(answer.json()).to.have.deep.property('problems', [
        {
          dn: 'dicomDeviceName=archive,dc=x',
          attribute: 'dcmUPSWorklistLabel',
          value: 'x'.repeat(65),
          expected: 'a text of 1 to 64 characters without backslash and control characters',
          place: 'ldif/archive.ldif:1',
        },
      ])
      expect(answer.text).not.to.contain(folder.path)
      const ready = await send(`${service.url}/readyz`)
      expect([ready.status, ready.json()]).to.have.nested.property('[1].status', 'degraded')
      const shown = await send(`${service.url}/ctrl/config`)
      expect(ready.text + shown.text).not.to.contain(folder.path)
      expect(shown.json()).to.have.nested.property('trouble.kind', 'invalid')
    })

    it('is 503 for a directory that cannot be reached', async () => {
      renameSync(inFolder('ldif'), inFolder('away'))
      const answer = await reload()
      expect([answer.status, answer.headers.get('retry-after')]).to.deep.equal([503, '60'])
      expect(answer.problem().detail).to.equal('ldif cannot be read: there is no such file or folder.')
    })

    it('tears no request apart: what began under the old configuration ends under it', async () => {
      const creations = Array.from({ length: 40 }, (_, n) =>
        post(`${service.aet('A')}/workitems?1.2.${n}`, sample('minimal')),
      )
      write(ldif('two', ['A', 'B']))
      await reload()
      const statuses = (await Promise.all(creations)).map(({ status }) => status)
      expect([...new Set(statuses)]).to.deep.equal([201])
    })
  })

  it('SIGHUP reads the directory too', async () => {
    const bin = startBin(['--port', '0', '--config', inFolder('ldif')], { cwd: folder.path })
    const url = await bin.ready
    write(ldif('two', ['B']))
    bin.process.kill('SIGHUP')
    await until(async () => (await send(`${url}/aets/B/rs/workitems`)).status === 204)
    expect(await stopBin(bin)).to.equal(0)
    expect(bin.err()).to.contain('"outcome":"changed"')
  })

  it('GET /metrics counts requests by route and status, refusals by DICOM status, and commits', async () => {
    const service = await startService()
    const url = `${service.aet()}/workitems`
    await post(`${url}?1.2.3`, sample('minimal'))
    await post(`${url}?1.2.3`, sample('minimal'))
    await put(`${url}/1.2.3/state`, stateChange('IN PROGRESS'))
    await put(`${url}/1.2.3/state`, stateChange('COMPLETED'))
    await send(`${url}/1.2..3`)
    await send(`${service.url}/nowhere`)
    const metrics = await send(`${service.url}/metrics`)
    expect(metrics.headers.get('content-type')).to.match(/^text\/plain; version=0\.0\.4/)
    for (const line of [
      'ups_http_requests_total{route="/aets/:aet/rs/workitems",method="POST",status="201"} 1',
      'ups_http_requests_total{route="/aets/:aet/rs/workitems",method="POST",status="409"} 1',
      'ups_http_requests_total{route="/aets/:aet/rs/workitems/:workitem",method="GET",status="400"} 1',
      'ups_http_requests_total{route="none",method="GET",status="404"} 1',
      'ups_refusals_total{dicom_status="0111",reason="duplicate"} 1',
      'ups_refusals_total{dicom_status="C304",reason="finalStateRequirements"} 1',
      'ups_refusals_total{dicom_status="0115",reason="invalidArgument"} 1',
      'ups_commits_total{kind="create"} 1',
      'ups_commits_total{kind="changeState"} 1',
      'ups_configuration_problems 0',
    ]) {
      expect(metrics.text.split('\n')).to.include(line)
    }
    expect(metrics.text).not.to.contain('1.2.3')
    await service.stop()
  })
})
