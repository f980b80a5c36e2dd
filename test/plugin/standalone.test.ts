import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { get, request } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Folder, temporaryFolder } from '../support/folder.ts'
import { post, send } from '../support/http.ts'
import { type BinOptions, runBin, startBin, stopBin } from '../support/process.ts'
import { sampleText } from '../support/workitems.ts'

describe('The bin archive-ups', () => {
  let folder: Folder
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => folder.remove())

  const inFolder = (variables: BinOptions['variables'] = {}): BinOptions => ({ cwd: folder.path, variables })

  describe('serves', () => {
    it('with no flag but a port: the sample directory, data in ./data, a banner, a ready line', async () => {
      const bin = startBin(['--port', '0'], inFolder())
      const url = await bin.ready
      expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/)
      expect((await send(`${url}/readyz`)).status).to.equal(200)
      expect((await post(`${url}/aets/WORKLIST/rs/workitems?1.2.3`, sampleText('minimal'))).status).to.equal(201)
      expect(await stopBin(bin)).to.equal(0)
      expect(existsSync(join(folder.path, 'data', 'worklist.db'))).to.equal(true)
      expect(bin.out()).to.equal(
        [
          'archive-ups: Unified Worklist (UPS-RS, GraphQL)',
          '  Device:        archive',
          '  AE titles:     WORKLIST, RADONC (also RADONC_TEST, LINAC)',
          '  Configured in: the sample directory of the package',
          `  Data in:       ${join(folder.path, 'data', 'worklist.db')}`,
          '  Searched in:   the store itself',
          '  GraphQL:       at /graphql, with GraphiQL for browsers on this machine',
          '  Strictness:    lenient',
          `archive-ups ready at ${url}`,
          '',
        ].join('\n'),
      )
    })

    it('again what it had, after an orderly stop by either signal', async () => {
      const first = startBin(['serve', '--port', '0'], inFolder())
      await post(`${await first.ready}/aets/WORKLIST/rs/workitems?1.2.3`, sampleText('ai-triage'))
      expect(await stopBin(first, 'SIGINT')).to.equal(0)
      const second = startBin(['--port', '0'], inFolder())
      expect((await send(`${await second.ready}/aets/WORKLIST/rs/workitems/1.2.3`)).status).to.equal(200)
      expect(await stopBin(second, 'SIGTERM')).to.equal(0)
    })

    it('as variables say, and as flags say where both do; an empty variable says nothing', async () => {
      const variables = {
        ARCHIVE_UPS_PORT: '0',
        ARCHIVE_UPS_PREFIX: '/from-variable',
        ARCHIVE_UPS_STRICTNESS: 'strict',
        ARCHIVE_UPS_STORE: '',
      }
      const bin = startBin(['--prefix', '/from-flag'], inFolder(variables))
      const url = await bin.ready
      expect(url).to.match(/\/from-flag$/)
      const answer = await post(`${url}/aets/WORKLIST/rs/workitems?1.2.3`, sampleText('minimal'))
      expect([answer.status, answer.problem().dicomStatus]).to.deep.equal([400, '0120'])
      await stopBin(bin)
      expect(existsSync(join(folder.path, 'data', 'worklist.db'))).to.equal(true)
    })

    it('from the last good configuration when the directory is away, and says so', async () => {
      const text = 'dn: dicomDeviceName=archive,dc=x\nobjectClass: dicomDevice\ndicomDeviceName: archive\n\n'
      const ae = 'dn: dicomAETitle=A,dicomDeviceName=archive,dc=x\nobjectClass: dicomNetworkAE\ndicomAETitle: A\n'
      writeFileSync(join(folder.path, 'archive.ldif'), text + ae)
      const first = startBin(['--port', '0', '--config', 'archive.ldif'], inFolder())
      await first.ready
      await stopBin(first)
      rmSync(join(folder.path, 'archive.ldif'))
      const second = startBin(['--port', '0', '--config', 'archive.ldif'], inFolder())
      const url = await second.ready
      expect((await send(`${url}/aets/A/rs/workitems`)).status).to.equal(204)
      expect((await send(`${url}/readyz`)).json()).to.have.property('status', 'degraded')
      await stopBin(second)
      expect(second.out()).to.match(
        /^ {2}Attention: +the last good configuration, of 20\S+Z, is in force, since\n {4}archive\.ldif cannot be read: there is no such file or folder\.$/m,
      )
      expect(second.err()).to.contain('the configuration that was good before stays in force')
    })

    it('a client that offers another protocol with its first request, as the JDK does', async () => {
      const bin = startBin(['--port', '0'], inFolder())
      const { port } = new URL(await bin.ready)
      const answers = [
        await upgrading(port, 'GET', '/aets/WORKLIST/rs/workitems'),
        await upgrading(port, 'POST', '/aets/WORKLIST/rs/workitems?1.2.3', sampleText('ai-triage')),
      ]
      expect(answers).to.deep.equal([204, 201])
      await stopBin(bin)
    })

    it('on any loopback address, under that address', async () => {
      const bin = startBin(['--port', '0', '--host', '127.0.0.2'], inFolder())
      const url = await bin.ready
      expect(url).to.match(/^http:\/\/127\.0\.0\.2:/)
      expect((await send(`${url}/readyz`)).status).to.equal(200)
      await stopBin(bin)
    })

    it('only hosts that are configured', async () => {
      const bin = startBin(['--port', '0', '--allow-host', 'worklist.example,other.example'], inFolder())
      const { port } = new URL(await bin.ready)
      expect(await statusFor(port, 'worklist.example')).to.equal(200)
      expect(await statusFor(port, `localhost:${port}`)).to.equal(200)
      expect(await statusFor(port, 'evil.example')).to.equal(403)
      await stopBin(bin)
    })
  })

  describe('exits with 2 and one sentence', () => {
    const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
      [
        'for a folder of configuration that is not there',
        ['--config', './none'],
        /none cannot be read: there is no such file or folder\.$/,
      ],
      ['for a device that the directory does not have', ['--device', 'other'], /other.*archive/],
      [
        'for an address that is not of this machine alone',
        ['--host', '0.0.0.0'],
        /^--host \(ARCHIVE_UPS_HOST\) is "0\.0\.0\.0", expected a loopback address/,
      ],
      [
        'for a port that is none',
        ['--port', '80x'],
        /^--port \(ARCHIVE_UPS_PORT\) is "80x", expected a number from 0 to 65535\.$/,
      ],
      [
        'for a strictness that is none',
        ['--strictness', 'loose'],
        /strictness is "loose", expected lenient or strict\.$/,
      ],
      ['for a log level that is none', ['--log-level', 'loud'], /^--log-level .* is "loud", expected one of trace/],
      ['for a prefix that is none', ['--prefix', 'a b'], /prefix is "a b", expected a path/],
      [
        'for an origin that is none',
        ['--allow-origin', 'example.org'],
        /allowedOrigins is "example\.org", expected an origin/,
      ],
      [
        'for a store that this version lacks',
        ['--store', 'postgres://localhost/x'],
        /asks for postgres, a store that this version does not have/,
      ],
      [
        'for a search that is none',
        ['--search', 'solr'],
        /^--search \(ARCHIVE_UPS_SEARCH\) is "solr", expected embedded, or URLs such as https:\/\/search\.example:9200\.$/,
      ],
      [
        'for a user in the URL of the search cluster, whose password it does not repeat',
        ['--search', 'http://a:secret@localhost:9200'],
        /^--search \(ARCHIVE_UPS_SEARCH\) is "localhost:9200", expected no user in the URL; --search-user is for it\.$/,
      ],
      [
        'for a URL of the search cluster that is none',
        ['--search', 'http://localhost:9200,//a:secret@b'],
        /^--search \(ARCHIVE_UPS_SEARCH\) is "\/\/\.\.\.@b", expected/,
      ],
      [
        'for an authority without https',
        ['--search', 'http://localhost:9200', '--search-ca', '/dev/null'],
        /^The option search\.nodes is \["http:\/\/localhost:9200"\], expected https, since there is a CA\.$/,
      ],
      [
        'for a user of the search cluster and an API key',
        ['--search', 'http://localhost:9200', '--search-user', 'a', '--search-api-key-file', '/dev/null'],
        /^There is a user of the search cluster and an API key; expected one of them\.$/,
      ],
      [
        'for a password of nobody at the search cluster',
        ['--search', 'http://localhost:9200', '--search-password-file', '/dev/null'],
        /^There is a password of the search cluster, but no --search-user \(ARCHIVE_UPS_SEARCH_USER\)\.$/,
      ],
      [
        'for an LDAP server that does not answer',
        ['--config', 'ldap://127.0.0.1:1/dc=x'],
        /^ldap:\/\/127\.0\.0\.1:1\/dc=x cannot be read: /,
      ],
      [
        'for a host name with a port',
        ['--allow-host', 'archive.example:8080'],
        /^--allow-host .* is "archive\.example:8080", expected a host name without scheme and port\.$/,
      ],
      [
        'for a password without somebody who binds',
        ['--config', 'ldap://127.0.0.1:1/dc=x', '--bind-password-file', '/dev/null'],
        /^There is a password to bind with, but no --bind-dn \(ARCHIVE_UPS_BIND_DN\)\.$/,
      ],
      ['for a URL that is none', ['--config', 'ldap:///dc=x'], /ldap:\/\/\/dc=x/],
      [
        'for a bind to a directory that is files',
        ['--bind-dn', 'cn=admin'],
        /^--bind-dn \(ARCHIVE_UPS_BIND_DN\) is for LDAP servers, and --config names none\.$/,
      ],
      [
        'for a password file that is not there',
        ['--config', 'ldap://127.0.0.1:1/dc=x', '--bind-dn', 'cn=admin', '--bind-password-file', './none'],
        /^--bind-password-file \(ARCHIVE_UPS_BIND_PASSWORD_FILE\) is "\.\/none", expected a file that can be read\.$/,
      ],
      [
        'for a user of a search cluster that is not named',
        ['--search-user', 'x'],
        /^--search-user \(ARCHIVE_UPS_SEARCH_USER\) is for a search cluster, and --search names none\.$/,
      ],
      [
        'for a GraphiQL that is neither on nor off',
        ['--graphiql', 'yes'],
        /^--graphiql \(ARCHIVE_UPS_GRAPHIQL\) is "yes", expected loopback, on or off\.$/,
      ],
      [
        'for an introspection that is neither on nor off',
        ['--graphql-introspection', 'true'],
        /^--graphql-introspection \(ARCHIVE_UPS_GRAPHQL_INTROSPECTION\) is "true", expected on or off\.$/,
      ],
      [
        'for documents that are none',
        ['--graphql-documents', 'list.json'],
        /^--graphql-documents \(ARCHIVE_UPS_GRAPHQL_DOCUMENTS\) is "list\.json", expected a file that holds one JSON object/,
      ],
      [
        'for a document that the schema does not know, naming its id',
        ['--graphql-documents', 'documents.json'],
        /^The option graphql\.documents\.wrong cannot be run: Cannot query field "nope" on type "Query"\.$/,
      ],
    ]
    for (const [name, args, sentence] of cases) {
      it(name, async () => {
        writeFileSync(join(folder.path, 'list.json'), '["{ feed { position } }"]')
        writeFileSync(join(folder.path, 'documents.json'), '{"right":"{ feed { position } }","wrong":"{ nope }"}')
        const { code, out, err } = await runBin(['--port', '0', ...args], inFolder())
        expect(code).to.equal(2)
        expect(out).to.equal('')
        const [line, ...rest] = err.split('\n')
        expect(rest).to.deep.equal([''])
        expect(line?.replace(/^archive-ups: /, '')).to.match(sentence)
      })
    }

    it('for a flag that it does not know', async () => {
      const { code, err } = await runBin(['--prot', '0'], inFolder())
      expect(code).to.equal(2)
      expect(err).to.match(/^error: unknown option '--prot'/)
    })

    it('for a value of the directory that cannot be used, naming entry, attribute, value and what was expected', async () => {
      writeFileSync(
        join(folder.path, 'archive.ldif'),
        `dn: dicomDeviceName=archive,dc=x
objectClass: dicomDevice
dicomDeviceName: archive
dcmDeleteUPSFetchSize: many

dn: dicomAETitle=A,dicomDeviceName=archive,dc=x
objectClass: dicomNetworkAE
dicomAETitle: A
`,
      )
      const { code, err } = await runBin(['--port', '0', '--config', 'archive.ldif'], inFolder())
      expect(code).to.equal(2)
      expect(err).to.contain('dicomDeviceName=archive,dc=x')
      expect(err).to.contain('dcmDeleteUPSFetchSize').and.to.contain('many').and.to.contain('1 to 10000')
      expect(err).not.to.contain('    at ')
    })
  })

  describe('exits with 1 and one sentence', () => {
    it('for a port that somebody else has', async () => {
      const other = createServer()
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
      const { port } = other.address() as AddressInfo
      const { code, err } = await runBin(['--port', String(port)], inFolder())
      other.close()
      expect([code, err]).to.deep.equal([
        1,
        `archive-ups: Cannot listen on 127.0.0.1, port ${port}: another process listens there.\n`,
      ])
    })

    it('for a store that another process holds, naming the file and the process', async () => {
      const holder = startBin(['--port', '0'], inFolder())
      await holder.ready
      const { code, err } = await runBin(['--port', '0'], inFolder())
      await stopBin(holder)
      expect(code).to.equal(1)
      expect(err).to.match(/^archive-ups: The store .*worklist\.db is held by process \d+ on .*\n$/)
      expect(err)
        .to.contain(join(folder.path, 'data', 'worklist.db'))
        .and.to.contain(`process ${holder.process.pid} `)
    })

    it('for a store that cannot be opened', async () => {
      writeFileSync(join(folder.path, 'file'), '')
      const { code, err } = await runBin(['--port', '0', '--store', 'sqlite:file/worklist.db'], inFolder())
      expect(code).to.equal(1)
      expect(err).to.match(/^archive-ups: The store .*file\/worklist\.db cannot be opened: .*\n$/)
    })
  })

  it('shows its flags, their variables and defaults, and nothing else, when it is asked for help', async () => {
    const { code, out, err } = await runBin(['serve', '--help'], inFolder())
    expect([code, err]).to.deep.equal([0, ''])
    for (const [flag, variable] of FLAGS) expect(out).to.contain(flag).and.to.contain(variable)
    expect((await runBin(['--help'], inFolder())).out).to.contain('serve')
    expect((await runBin(['--version'], inFolder())).out).to.match(/^\d+\.\d+\.\d+\n$/)
  })
})

/** Of decisions.md 9, and those of GraphQL, written out. */
const FLAGS: readonly (readonly [string, string])[] = [
  ['--host <address>', 'ARCHIVE_UPS_HOST'],
  ['--port <number>', 'ARCHIVE_UPS_PORT'],
  ['--prefix <path>', 'ARCHIVE_UPS_PREFIX'],
  ['--config <path|url>', 'ARCHIVE_UPS_CONFIG'],
  ['--bind-dn <dn>', 'ARCHIVE_UPS_BIND_DN'],
  ['--bind-password-file <path>', 'ARCHIVE_UPS_BIND_PASSWORD_FILE'],
  ['--ldap-starttls', 'ARCHIVE_UPS_LDAP_STARTTLS'],
  ['--ldap-ca <path>', 'ARCHIVE_UPS_LDAP_CA'],
  ['--strictness <lenient|strict>', 'ARCHIVE_UPS_STRICTNESS'],
  ['--allow-host <name>', 'ARCHIVE_UPS_ALLOW_HOST'],
  ['--allow-origin <origin>', 'ARCHIVE_UPS_ALLOW_ORIGIN'],
  ['--device <name>', 'ARCHIVE_UPS_DEVICE'],
  ['--store <sqlite:path>', 'ARCHIVE_UPS_STORE'],
  ['--search <embedded|url>', 'ARCHIVE_UPS_SEARCH'],
  ['--search-user <name>', 'ARCHIVE_UPS_SEARCH_USER'],
  ['--search-password-file <path>', 'ARCHIVE_UPS_SEARCH_PASSWORD_FILE'],
  ['--search-api-key-file <path>', 'ARCHIVE_UPS_SEARCH_API_KEY_FILE'],
  ['--search-ca <path>', 'ARCHIVE_UPS_SEARCH_CA'],
  ['--graphiql <loopback|on|off>', 'ARCHIVE_UPS_GRAPHIQL'],
  ['--graphql-introspection <on|off>', 'ARCHIVE_UPS_GRAPHQL_INTROSPECTION'],
  ['--graphql-documents <path>', 'ARCHIVE_UPS_GRAPHQL_DOCUMENTS'],
  ['--log-level <level>', 'ARCHIVE_UPS_LOG_LEVEL'],
]

/** The status for a request with the headers of HTTP/2 over plain TCP (RFC 7540 3.2). */
function upgrading(port: string, method: string, path: string, body = ''): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = {
      Connection: 'Upgrade, HTTP2-Settings',
      Upgrade: 'h2c',
      'HTTP2-Settings': 'AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
      'Content-Type': 'application/dicom+json',
    }
    const sent = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.once('error', reject).end(body)
  })
}

/** fetch does not let a Host be chosen. */
function statusFor(port: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/healthz', headers: { host }, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    }).once('error', reject)
  })
}
