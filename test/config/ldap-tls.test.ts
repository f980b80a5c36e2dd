import { expect } from 'chai'
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { makeCertificates, type Certificates } from '../support/certificates.ts'
import { temporaryFolder, type Folder } from '../support/folder.ts'
import { slapdMissing, startSlapd, type Slapd } from '../support/slapd.ts'
import {
  addSample,
  BASE,
  directoryAt,
  expectFailure,
  openSockets,
  pause,
  titlesOf,
  type Options,
} from './ldap-support.ts'

const UNTRUSTED = 'cannot be read: its certificate does not come from an authority that is trusted here.'
const OTHER_NAME = 'cannot be read: its certificate is for another host name.'
const LOST = 'cannot be read: the connection was closed before the answer was complete.'

const namedHost = (url: string): string => url.replace('127.0.0.1', 'localhost')

describe('A directory on an LDAP server, by TLS', function () {
  this.timeout(30_000)
  let folder: Folder
  let slapd: Slapd
  let ours: Certificates
  let ca: string
  let strangersCa: string
  before(async function () {
    if (slapdMissing !== undefined) this.skip()
    folder = temporaryFolder()
    ours = makeCertificates(folder.path)
    ca = readFileSync(ours.caFile, 'utf8')
    strangersCa = readFileSync(makeCertificates(folder.path, { name: 'stranger' }).caFile, 'utf8')
    slapd = await startSlapd({ schema: 'ours', tls: { cert: ours.certFile, key: ours.keyFile } })
    await addSample(slapd)
  })
  after(async () => {
    await slapd?.stop()
    folder?.remove()
  })

  const bind = () => ({ dn: slapd.readerDn, password: slapd.readerPassword })

  it('is read by ldaps:// with the CA, by host name and by address', async () => {
    for (const url of [slapd.tlsUrl, namedHost(slapd.tlsUrl)]) {
      const tree = await directoryAt(url, { ca, bind: bind() }).readDevice('archive')
      expect(titlesOf(tree)).to.deep.equal(['WORKLIST', 'RADONC'])
    }
    expect(openSockets()).to.equal(0)
  })

  it('is read by StartTLS with the CA, by host name and by address; the password goes through TLS', async () => {
    for (const url of [slapd.url, namedHost(slapd.url)]) {
      const offset = slapd.logOffset()
      const directory = directoryAt(url, { ca, startTls: true, bind: bind() })
      expect(titlesOf(await directory.readDevice('archive'))).to.deep.equal(['WORKLIST', 'RADONC'])
      expect(openSockets()).to.equal(0)
      expect(slapd.logSince(offset)).to.match(/STARTTLS[^]+TLS established[^]+BIND dn="cn=reader[^]+SRCH/)
    }
  })

  it('gives the same stamp by any way', async () => {
    const stamps = [
      await directoryAt(slapd.url).stampDevice('archive'),
      await directoryAt(slapd.url, { ca, startTls: true, bind: bind() }).stampDevice('archive'),
      await directoryAt(slapd.tlsUrl, { ca }).stampDevice('archive'),
    ]
    expect(new Set(stamps).size).to.equal(1)
  })

  it('is read with the authorities of the system, if no CA is given', async () => {
    const script = `
      import { ldapDirectory, parseLdapUrl } from './plugin/config/ldap-directory.ts'
      const directory = ldapDirectory({ url: parseLdapUrl('${slapd.tlsUrl}/${BASE}') })
      console.log(await directory.readDevice('archive').then(({ networkAEs }) => networkAEs.length, String))`
    const run = async (env: NodeJS.ProcessEnv): Promise<string> =>
      (await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env })).stdout.trim()
    expect(await run({ ...process.env, SSL_CERT_FILE: ours.caFile })).to.equal('2')
    expect(await run(process.env)).to.contain(UNTRUSTED)
    expect(await run({ ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' })).to.contain(UNTRUSTED)
  })

  async function replaceCertificate(cert: Buffer, key: Buffer): Promise<void> {
    await slapd.kill()
    writeFileSync(ours.certFile, cert)
    writeFileSync(ours.keyFile, key)
    await slapd.start()
  }

  describe('is refused', () => {
    const WAYS: Readonly<Record<string, () => readonly [url: string, options: Options]>> = {
      'ldaps://': () => [slapd.tlsUrl, {}],
      StartTLS: () => [slapd.url, { startTls: true }],
    }
    for (const [way, of] of Object.entries(WAYS)) {
      it(`by ${way}, when its certificate comes from another authority; no password is sent`, async () => {
        const [url, options] = of()
        const offset = slapd.logOffset()
        await expectFailure(directoryAt(url, { ...options, bind: bind() }), 'unreachable', UNTRUSTED)
        await expectFailure(directoryAt(url, { ...options, ca: strangersCa, bind: bind() }), 'unreachable', UNTRUSTED)
        expect(slapd.logSince(offset)).not.to.contain('BIND dn=')
      })

      it(`by ${way}, when its certificate is for another host, until it has one for this host`, async () => {
        const right = { cert: readFileSync(ours.certFile), key: readFileSync(ours.keyFile) }
        const elsewhere = makeCertificates(folder.path, { name: 'elsewhere', for: ['DNS:ldap.example'] })
        const directory = directoryAt(of()[0], {
          ...of()[1],
          ca: `${ca}\n${readFileSync(elsewhere.caFile, 'utf8')}`,
          bind: bind(),
        })
        await replaceCertificate(readFileSync(elsewhere.certFile), readFileSync(elsewhere.keyFile))
        try {
          const offset = slapd.logOffset()
          await expectFailure(directory, 'unreachable', OTHER_NAME)
          expect(slapd.logSince(offset)).not.to.contain('BIND dn=')
        } finally {
          await replaceCertificate(right.cert, right.key)
        }
        expect(titlesOf(await directory.readDevice('archive'))).to.have.length(2)
      })

      it(`by ${way}, when its certificate was replaced by a stranger's while we know the device`, async () => {
        const right = { cert: readFileSync(ours.certFile), key: readFileSync(ours.keyFile) }
        const stranger = makeCertificates(folder.path, { name: 'impostor' })
        const directory = directoryAt(of()[0], { ...of()[1], ca, bind: bind() })
        await directory.stampDevice('archive')
        await replaceCertificate(readFileSync(stranger.certFile), readFileSync(stranger.keyFile))
        try {
          await expectFailure(directory, 'unreachable', UNTRUSTED)
        } finally {
          await replaceCertificate(right.cert, right.key)
        }
      })
    }

    it('by ldaps:// where plain LDAP is spoken', async () => {
      const directory = directoryAt(slapd.url.replace('ldap:', 'ldaps:'), { ca, bind: bind() })
      const reason = 'cannot be read: it broke off the TLS handshake; it may not speak TLS there.'
      await expectFailure(directory, 'unreachable', reason)
    })

    it('in plain text where TLS is spoken', async () => {
      const directory = directoryAt(slapd.tlsUrl.replace('ldaps:', 'ldap:'))
      await expectFailure(directory, 'unreachable', LOST)
    })

    it('by StartTLS, when the server has none', async () => {
      const plain = await startSlapd({ schema: [] })
      try {
        const directory = directoryAt(plain.url, { startTls: true, bind: bind() })
        const offset = plain.logOffset()
        await expectFailure(directory, 'unreachable', /^cannot be read: it does not do StartTLS \(\d+\)\.$/)
        expect(plain.logSince(offset)).not.to.contain('BIND dn=')
      } finally {
        await plain.stop()
      }
    })

    it('when the server is paused before its handshake is over', async () => {
      for (const [url, options] of Object.values(WAYS).map((of) => of())) {
        const directory = directoryAt(url, { ...options, ca, timeouts: { connect: 200, operation: 200 } })
        await pause(slapd)
        try {
          await expectFailure(
            directory,
            'unreachable',
            /^cannot be read: (no connection|no TLS|there was no answer) within 0\.2 s\.$/,
          )
        } finally {
          slapd.resume()
        }
      }
    })
  })
})
