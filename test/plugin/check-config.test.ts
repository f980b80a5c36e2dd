import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { runBin } from '../support/process.ts'

const GOOD = `dn: dicomDeviceName=archive,dc=x
objectClass: dicomDevice
dicomDeviceName: archive
dcmDeleteUPSCompletedDelay: P2D
dcmUPSEventSCU: OLD

dn: dicomAETitle=CT1,dicomDeviceName=archive,dc=x
objectClass: dicomNetworkAE
dicomAETitle: CT1
dicomDescription: CT of the first floor
dicomInstalled: FALSE
dcmUPSWorklistLabel: CT
`

describe('archive-ups check-config', () => {
  let folder: Folder
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => folder.remove())

  const check = (text: string, ...args: readonly string[]) => {
    writeFileSync(join(folder.path, 'archive.ldif'), text)
    return runBin(['check-config', '--config', 'archive.ldif', ...args], { cwd: folder.path })
  }

  it('prints every setting with its value and where it comes from', async () => {
    const { code, out, err } = await check(GOOD)
    expect([code, err]).to.deep.equal([0, ''])
    expect(out).to.equal(`Source  archive.ldif

Device archive
dicomDeviceName=archive,dc=x

SETTING                            VALUE  FROM
dicomInstalled                     TRUE   default
dcmUPSWorklistLabel                -      default
dcmUPSUpdateWithoutTransactionUID  FALSE  default
dcmQidoMaxNumberOfResults          0      default
dcmQueryMaxNumberOfResults         0      default
dcmDeleteUPSPollingInterval        -      default
dcmDeleteUPSFetchSize              100    default
dcmDeleteUPSCompletedDelay         P2D    device
dcmDeleteUPSCanceledDelay          PT0S   default
dcmUPSEventWebSocketQueueSize      -      default
dcmTimeZoneOfDevice                -      default

Network AE CT1  CT of the first floor  (not installed)
dicomAETitle=CT1,dicomDeviceName=archive,dc=x

SETTING                            VALUE  FROM
dicomInstalled                     FALSE  ae
dcmOtherAETitle                    -      default
dcmAcceptedUserRole                -      default
dcmUPSWorklistLabel                CT     ae
dcmUPSWorklistLabelFilter          -      default
dcmUPSUpdateWithoutTransactionUID  FALSE  default
dcmQidoMaxNumberOfResults          0      default
dcmQueryMaxNumberOfResults         0      default
dcmDeleteUPSPollingInterval        -      default
dcmDeleteUPSFetchSize              100    default
dcmDeleteUPSCompletedDelay         P2D    device
dcmDeleteUPSCanceledDelay          PT0S   default

Ignored: of the UPS family, and not honoured where they stand

ATTRIBUTE       ENTRY
dcmUPSEventSCU  dicomDeviceName=archive,dc=x
`)
  })

  it('prints what is wrong, all of it, and exits with 2', async () => {
    const wrong = GOOD.replace('P2D', 'soon').replace('dicomInstalled: FALSE', 'dicomInstalled: no')
    const { code, out, err } = await check(wrong)
    expect([code, err]).to.deep.equal([2, ''])
    expect(out).to
      .equal(`ENTRY                                          ATTRIBUTE                   VALUE  EXPECTED                                    ENTRY IS IN
dicomDeviceName=archive,dc=x                   dcmDeleteUPSCompletedDelay  soon   a duration P[nD][T[nH][nM][n[.n]S]] or PnW  archive.ldif:1
dicomAETitle=CT1,dicomDeviceName=archive,dc=x  dicomInstalled              no     TRUE or FALSE                               archive.ldif:7
`)
  })

  it('says in one sentence why a directory cannot be read', async () => {
    const { code, out } = await runBin(['check-config', '--config', './none'], { cwd: folder.path })
    expect([code, out]).to.deep.equal([2, './none cannot be read: there is no such file or folder.\n'])
  })

  it('prints the same as JSON', async () => {
    const good = JSON.parse((await check(GOOD, '--json')).out) as {
      networkAEs: { settings: Record<string, unknown> }[]
    }
    expect(good.networkAEs[0]?.settings['dcmUPSWorklistLabel']).to.deep.equal({
      value: 'CT',
      origin: { level: 'ae', dn: 'dicomAETitle=CT1,dicomDeviceName=archive,dc=x' },
    })
    const bad = await check(GOOD.replace('P2D', 'soon'), '--json')
    expect(bad.code).to.equal(2)
    expect(JSON.parse(bad.out)).to.have.nested.property('trouble.problems[0].value', 'soon')
  })

  it('never opens the store', async () => {
    await check(GOOD)
    const { readdirSync } = await import('node:fs')
    expect(readdirSync(folder.path)).to.deep.equal(['archive.ldif'])
  })
})
