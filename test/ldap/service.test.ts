/** The service on a real LDAP server: changes take effect, faults do not. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { UpsError } from '../../plugin/index.ts'
import { sharedPath } from '../config/shared-directory.ts'
import { makeCertificates } from '../support/certificates.ts'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { type Answer, post, send } from '../support/http.ts'
import { type Service, type ServiceOptions, startService } from '../support/service.ts'
import { type Slapd, type SlapdOptions, slapdMissing, startSlapd } from '../support/slapd.ts'
import { until } from '../support/until.ts'
import { sample } from '../support/workitems.ts'

const DEVICE = 'dicomDeviceName=archive,cn=Devices,cn=DICOM Configuration,dc=archive,dc=example'
const AE = (title: string): string => `dicomAETitle=${title},${DEVICE}`
const BASE = 'dc=archive,dc=example'
const FILES = ['10-base', '20-archive', '30-radonc'].map((name) =>
  fileURLToPath(new URL(`../../ldif/${name}.ldif`, import.meta.url)),
)

const modification = (dn: string, ...lines: readonly string[]): string =>
  `dn: ${dn}\nchangetype: modify\n${lines.join('\n')}\n`

const describeWithSlapd = slapdMissing === undefined ? describe : describe.skip

describeWithSlapd('A service that is configured in an LDAP server', () => {
  let folder: Folder
  let slapd: Slapd
  let service: Service | undefined

  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(async () => {
    await service?.stop()
    service = undefined
    await slapd.stop()
    folder.remove()
  })

  async function startDirectory(options: Partial<SlapdOptions> = {}): Promise<void> {
    slapd = await startSlapd({ schema: 'ours', ...options })
    for (const file of FILES) await slapd.addFile(file)
  }

  async function startWorklist(options: ServiceOptions = {}): Promise<Service> {
    service = await startService({
      config: `${slapd.url}/${BASE}`,
      lastGood: join(folder.path, 'last-good.json'),
      pollInterval: 1_000_000,
      ...options,
      ldap: { timeouts: { connect: 500, operation: 500 }, ...options.ldap },
    })
    return service
  }

  let created = 0
  /** The Worklist Label that a workitem gets that brings none. */
  async function labelThrough(of: Service, aeTitle: string): Promise<string | undefined> {
    const uid = `1.2.${++created}`
    const answer = await post(`${of.aet(aeTitle)}/workitems?${uid}`, sample('minimal'))
    if (answer.status !== 201) return `${answer.status}`
    const [workitem] = (await send(`${of.aet(aeTitle)}/workitems/${uid}`)).json() as [
      Record<string, { Value: string[] }>,
    ]
    return workitem['00741202']?.Value[0]
  }

  const reload = (of: Service): Promise<Answer> => send(`${of.url}/ctrl/reload`, { method: 'POST' })
  const readyz = async (of: Service): Promise<{ status: string; reasons?: string[] }> =>
    (await send(`${of.url}/readyz`)).json() as { status: string; reasons?: string[] }

  /** Requests go on with what was good before, and everybody who asks is told why. */
  async function expectDegraded(of: Service, reason: RegExp): Promise<void> {
    const { status, reasons } = await readyz(of)
    expect(status).to.equal('degraded')
    expect(reasons?.join()).to.match(reason)
    expect(await labelThrough(of, 'RADONC')).to.equal('Radiation Oncology')
    const shown = (await send(`${of.url}/ctrl/config`)).json() as { trouble?: { message: string } }
    expect(shown.trouble?.message).to.match(reason)
    expect((await send(`${of.url}/metrics`)).text).to.match(/^ups_configuration_problems [1-9]/m)
  }

  async function expectWell(of: Service): Promise<void> {
    expect(await readyz(of)).to.deep.equal({ status: 'ready' })
    expect((await send(`${of.url}/metrics`)).text).to.match(/^ups_configuration_problems 0/m)
  }

  describe('a changed label', () => {
    const changeAe = modification(AE('WORKLIST'), 'replace: dcmUPSWorklistLabel', 'dcmUPSWorklistLabel: Of the AE')
    const changeDevice = modification(DEVICE, 'replace: dcmUPSWorklistLabel', 'dcmUPSWorklistLabel: Of the device')
    const removeFromAe = modification(AE('WORKLIST'), 'delete: dcmUPSWorklistLabel')

    it('of an AE, then of the device, counts for the next create after a reload', async () => {
      await startDirectory()
      const worklist = await startWorklist()
      expect(await labelThrough(worklist, 'WORKLIST')).to.equal('WORKLIST')
      await slapd.modify(changeAe)
      expect(await labelThrough(worklist, 'WORKLIST')).to.equal('WORKLIST')
      expect((await reload(worklist)).status).to.equal(204)
      expect(await labelThrough(worklist, 'WORKLIST')).to.equal('Of the AE')
      await slapd.modify(changeDevice)
      await slapd.modify(removeFromAe)
      expect((await reload(worklist)).status).to.equal(204)
      expect(await labelThrough(worklist, 'WORKLIST')).to.equal('Of the device')
    })

    it('counts within the polling interval without one', async () => {
      await startDirectory()
      const worklist = await startWorklist({ pollInterval: 20 })
      await slapd.modify(changeAe)
      await until(async () => (await labelThrough(worklist, 'WORKLIST')) === 'Of the AE')
      await slapd.modify(changeDevice)
      await slapd.modify(removeFromAe)
      await until(async () => (await labelThrough(worklist, 'WORKLIST')) === 'Of the device')
    })

    it('does not count while it cannot be used, and the old configuration is whole', async () => {
      await startDirectory()
      const worklist = await startWorklist()
      await slapd.modify(changeAe)
      await slapd.modify(
        modification(DEVICE, 'replace: dcmDeleteUPSCompletedDelay', 'dcmDeleteUPSCompletedDelay: soon'),
      )
      const refused = await reload(worklist)
      expect(refused.status).to.equal(409)
      expect(refused.json()).to.have.deep.property('problems', [
        {
          dn: DEVICE,
          attribute: 'dcmDeleteUPSCompletedDelay',
          value: 'soon',
          expected: 'a duration P[nD][T[nH][nM][n[.n]S]] or PnW',
        },
      ])
      expect(await labelThrough(worklist, 'WORKLIST')).to.equal('WORKLIST')
    })
  })

  /** Each is a row of the table in docs/ldap.md, under its first cell. */
  const FAULTS: Readonly<Record<string, () => Promise<void>>> = {
    'slapd is killed, and started again': async () => {
      await startDirectory()
      const worklist = await startWorklist({ pollInterval: 20 })
      await slapd.kill()
      await until(async () => (await readyz(worklist)).status === 'degraded')
      await expectDegraded(worklist, /refused|cannot be read/)
      expect((await reload(worklist)).status).to.equal(503)
      await slapd.start()
      await until(async () => (await readyz(worklist)).status === 'ready')
      await expectWell(worklist)
    },
    'slapd hangs': async () => {
      await startDirectory()
      const worklist = await startWorklist()
      slapd.pause()
      // The signal reaches its threads one after the other: it may answer once more.
      await until(async () => (await reload(worklist)).status === 503)
      expect((await reload(worklist)).headers.get('retry-after')).to.equal('60')
      slapd.resume()
      await expectDegraded(worklist, /within 0\.5 s/)
      expect((await reload(worklist)).status).to.equal(204)
      await expectWell(worklist)
    },
    'slapd is restarted between two looks': async () => {
      await startDirectory()
      const worklist = await startWorklist()
      await slapd.kill()
      await slapd.start()
      expect((await reload(worklist)).status).to.equal(204)
      await expectWell(worklist)
    },
    'slapd is not there when the worklist starts, and comes later': async () => {
      await startDirectory()
      await (await startWorklist()).stop()
      await slapd.kill()
      const worklist = await startWorklist({ pollInterval: 20 })
      await expectDegraded(worklist, /refused|cannot be read/)
      expect((await send(`${worklist.url}/ctrl/config`)).json()).to.have.property('from', 'last good')
      await slapd.start()
      await until(async () => (await readyz(worklist)).status === 'ready')
      expect((await send(`${worklist.url}/ctrl/config`)).json()).to.have.property('from', 'directory')
    },
    'slapd was never there': async () => {
      await startDirectory()
      await slapd.kill()
      const error = await startWorklist().catch((reason: unknown) => reason)
      expect(error).to.be.instanceOf(UpsError).with.property('code', 'UPS_BAD_CONFIGURATION')
    },
    'the password of the bind is changed': async () => {
      await startDirectory({ anonymousRead: false })
      const ldap = { bindDn: slapd.readerDn, bindPassword: () => password }
      let password = slapd.readerPassword
      const worklist = await startWorklist({ ldap })
      password = 'of yesterday'
      const answer = await reload(worklist)
      expect(answer.status).to.equal(503)
      expect(answer.text).not.to.contain('of yesterday')
      await expectDegraded(worklist, /password/)
      password = slapd.readerPassword
      expect((await reload(worklist)).status).to.equal(204)
    },
    "its certificate is replaced by a stranger's": async () => {
      const own = makeCertificates(folder.path)
      const tls = { cert: own.certFile, key: own.keyFile }
      await startDirectory({ tls, anonymousRead: false })
      const ca = readFileSync(own.caFile, 'utf8')
      const worklist = await startWorklist({
        config: `${slapd.tlsUrl}/${BASE}`,
        ldap: { ca, bindDn: slapd.readerDn, bindPassword: slapd.readerPassword },
      })
      expect(slapd.logSince(0)).to.contain(slapd.readerDn)
      await slapd.kill()
      makeCertificates(folder.path)
      await slapd.start()
      const before = slapd.logOffset()
      expect((await reload(worklist)).status).to.equal(503)
      await expectDegraded(worklist, /authority/)
      // (What asked whether slapd is up may still be logged: an anonymous bind.)
      expect(slapd.logSince(before)).not.to.contain(slapd.readerDn)
    },
    'the device entry is deleted': async () => {
      await startDirectory()
      const worklist = await startWorklist()
      await slapd.delete(DEVICE, { recursive: true })
      expect((await reload(worklist)).status).to.equal(409)
      await expectDegraded(worklist, /holds no device archive/)
    },
    'it gives only a part of the tree': async () => {
      await startDirectory({ sizeLimit: 2, pagedSizeLimit: 2 })
      const error = await startWorklist().catch((reason: unknown) => reason)
      expect(error)
        .to.be.instanceOf(UpsError)
        .with.property('message')
        .that.matches(/size limit|more entries/)
    },
    'a value that cannot be used is written': async () => {
      await startDirectory()
      const worklist = await startWorklist()
      await slapd.modify(
        modification(AE('RADONC'), 'replace: dcmDeleteUPSPollingInterval', 'dcmDeleteUPSPollingInterval: PT0S'),
      )
      const refused = await reload(worklist)
      expect(refused.status).to.equal(409)
      expect(refused.text).to.contain(AE('RADONC')).and.to.contain('PT0S').and.to.contain('at least PT1S')
      await expectDegraded(worklist, /dcmDeleteUPSPollingInterval/)
    },
    'an AE is added, another one deleted': async () => {
      await startDirectory()
      const worklist = await startWorklist()
      expect(await labelThrough(worklist, 'CT1')).to.equal('404')
      await slapd.add(`dn: ${AE('CT1')}
objectClass: dicomNetworkAE
dicomAETitle: CT1
dicomNetworkConnectionReference: cn=http,${DEVICE}
dicomAssociationInitiator: FALSE
dicomAssociationAcceptor: FALSE
`)
      await slapd.delete(AE('RADONC'))
      expect((await reload(worklist)).status).to.equal(204)
      expect(await labelThrough(worklist, 'CT1')).to.equal('CT1')
      expect(await labelThrough(worklist, 'RADONC')).to.equal('404')
      expect(await labelThrough(worklist, 'LINAC')).to.equal('404')
    },
  }

  describe('goes on', () => {
    for (const [fault, test] of Object.entries(FAULTS)) it(`when ${fault}`, test)

    it('as the table of docs/ldap.md says, row by row', async () => {
      await startDirectory()
      const text = readFileSync(new URL('../../docs/ldap.md', import.meta.url), 'utf8')
      const [, table = ''] = text.split('| what happens to the directory | what the worklist does |\n|---|---|\n')
      const rows = (table.split('\n\n')[0] ?? '').split('\n').map((row) => row.split('|')[1]?.trim())
      expect(rows).to.deep.equal(Object.keys(FAULTS))
    })
  })

  const dcm4chee = sharedPath('ldap/dcm4chee')
  const itWithShared = dcm4chee === undefined ? it.skip : it

  itWithShared('serves the device dcm4chee-arc of an unmodified dcm4chee directory', async () => {
    slapd = await startSlapd({ schema: 'dcm4chee' })
    for (const name of ['5-base', '6-config-root', '7-default-config']) {
      await slapd.addFile(join(dcm4chee ?? '', `${name}.ldif`))
    }
    const worklist = await startWorklist({ config: `${slapd.url}/dc=dcm4che,dc=org`, device: 'dcm4chee-arc' })
    expect(await labelThrough(worklist, 'WORKLIST')).to.equal('WORKLIST')
    expect(await labelThrough(worklist, 'DCM4CHEE')).to.equal('DCM4CHEE')
    await slapd.modify(
      modification(
        'dicomAETitle=WORKLIST,dicomDeviceName=dcm4chee-arc,cn=Devices,cn=DICOM Configuration,dc=dcm4che,dc=org',
        'add: dcmUPSWorklistLabel',
        'dcmUPSWorklistLabel: Lesung',
        '-',
        'add: dcmOtherAETitle',
        'dcmOtherAETitle: READING',
      ),
    )
    expect((await reload(worklist)).status).to.equal(204)
    expect(await labelThrough(worklist, 'READING')).to.equal('Lesung')
    const shown = (await send(`${worklist.url}/ctrl/config`)).json() as {
      networkAEs: { aeTitle: string; settings: Record<string, { value: unknown; origin: { level: string } }> }[]
    }
    const ae = shown.networkAEs.find(({ aeTitle }) => aeTitle === 'WORKLIST')
    expect(ae?.settings['dcmDeleteUPSCompletedDelay']).to.deep.include({ value: 'P1D' })
    expect(ae?.settings['dcmDeleteUPSCompletedDelay']?.origin.level).to.equal('device')
  })
})
