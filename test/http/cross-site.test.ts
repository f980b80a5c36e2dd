import { expect } from 'chai'
import { type Answer, post, put } from '../support/http.ts'
import { type Service, type ServiceOptions, startService } from '../support/service.ts'
import { sampleText, stateChange, TRANSACTION_UID } from '../support/workitems.ts'
import { expectRefusal, unchanged } from './refusal.ts'
import { rawExchange, statusesIn, wire } from './wire.ts'

type Headers = Readonly<Record<string, string>>

const UID = '1.2.3'
const CLAIMED = '1.2.4'

/** Every route that changes something, with a request that would succeed, and the routes of later versions. */
const CHANGING: readonly (readonly [string, string, object?])[] = [
  ['POST', '/aets/WORKLIST/rs/workitems?1.2.99', JSON.parse(sampleText('minimal')) as object],
  ['POST', `/aets/WORKLIST/rs/workitems/${UID}`, { '00741204': { vr: 'LO', Value: ['changed'] } }],
  ['PUT', `/aets/WORKLIST/rs/workitems/${UID}`, { '00741204': { vr: 'LO', Value: ['changed'] } }],
  ['PUT', `/aets/WORKLIST/rs/workitems/${UID}/state`, stateChange('IN PROGRESS')],
  ['PUT', `/aets/WORKLIST/rs/workitems/${UID}/state/TMS`, stateChange('IN PROGRESS')],
  ['PUT', `/aets/WORKLIST/rs/workitems/${CLAIMED}/state`, stateChange('CANCELED')],
  ['POST', `/aets/WORKLIST/rs/workitems/${UID}/cancelrequest`],
  ['POST', `/aets/WORKLIST/rs/workitems/${UID}/cancelrequest/TMS`, {}],
]
const READING: readonly (readonly [string, string, object?])[] = [
  ['GET', '/aets/WORKLIST/rs/workitems'],
  ['GET', `/aets/WORKLIST/rs/workitems/${UID}`],
  ['HEAD', `/aets/WORKLIST/rs/workitems/${UID}`],
  ['OPTIONS', '/aets/WORKLIST/rs'],
  ['GET', '/ctrl/config'],
  ['GET', '/healthz'],
]
const UNKNOWN: readonly (readonly [string, string, object?])[] = [
  ['POST', '/ctrl/reload'],
  ['POST', '/graphql', {}],
  ['POST', `/aets/WORKLIST/rs/workitems/${UID}/subscribers/EVIL`],
  ['DELETE', `/aets/WORKLIST/rs/workitems/${UID}/subscribers/EVIL`],
  ['POST', '/aets/WORKLIST/rs/patients/A/merge/B'],
  ['DELETE', `/aets/WORKLIST/rs/workitems/${UID}`],
  ['POST', '/aets/NOBODY/rs/workitems', {}],
  ['POST', '/nowhere'],
]

const request = (
  where: Service,
  [method, path, body]: readonly [string, string, object?],
  headers: Headers,
): Promise<Answer> =>
  wire({
    port: where.port,
    path,
    method,
    headers: { ...(body ? { 'Content-Type': 'application/dicom+json' } : {}), ...headers },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })

const own = (where: Service): string => `127.0.0.1:${where.port}`

const upgrade = (where: Service, path: string, lines: readonly string[], host?: string): Promise<string> =>
  rawExchange(
    where.port,
    [
      `GET ${path} HTTP/1.1`,
      `Host: ${host ?? own(where)}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ...lines,
      '',
      '',
    ].join('\r\n'),
  )

describe('Requests from other sites', () => {
  const services: Service[] = []
  const start = async (options: ServiceOptions = {}): Promise<Service> => {
    const service = await startService(options)
    services.push(service)
    await post(`${service.url}/aets/WORKLIST/rs/workitems?${UID}`, sampleText('ai-triage'))
    await post(`${service.url}/aets/WORKLIST/rs/workitems?${CLAIMED}`, sampleText('ai-triage'))
    await put(`${service.url}/aets/WORKLIST/rs/workitems/${CLAIMED}/state`, stateChange('IN PROGRESS', TRANSACTION_UID))
    return service
  }

  let service: Service
  before(async () => {
    service = await start({ allowedOrigins: ['https://dashboard.example:8443', 'http://console.example/'] })
  })
  after(() => Promise.all(services.map((one) => one.stop())))

  describe('are 403 on every route, before routing, and change nothing', () => {
    const foreign: readonly [string, Headers, RegExp?][] = [
      ['Sec-Fetch-Site: cross-site', { 'Sec-Fetch-Site': 'cross-site' }],
      ['a foreign Origin', { Origin: 'https://evil.example' }, /Origin/],
      ['Origin: null', { Origin: 'null' }, /Origin/],
      ['a Host that is not allowed', { Host: 'evil.example' }, /Host/],
    ]
    for (const [name, headers, detail] of foreign) {
      for (const route of [...CHANGING, ...READING, ...UNKNOWN]) {
        it(`${name}: ${route[0]} ${route[1]}`, async () => {
          const answer = await unchanged(service, [UID, CLAIMED], () => request(service, route, headers))
          expect(answer.status).to.equal(403)
          const base = headers['Host'] ? `http://${headers['Host']}` : service.url
          if (route[0] === 'HEAD') return
          expectRefusal(answer, base, 'crossSite', detail ? { detail } : {})
        })
      }
    }
  })

  describe('are told by', () => {
    const [, , , claim] = CHANGING
    if (!claim) throw new Error('no claim')

    const refused: readonly [string, (port: number) => Headers][] = [
      ['an Origin of another scheme', (port) => ({ Origin: `https://127.0.0.1:${port}` })],
      ['an Origin of another port', (port) => ({ Origin: `http://127.0.0.1:${port + 1}` })],
      ['an Origin without the port', () => ({ Origin: 'http://127.0.0.1' })],
      ['an Origin of another name of this machine', (port) => ({ Origin: `http://localhost:${port}` })],
      ['an Origin that begins like its own', (port) => ({ Origin: `http://127.0.0.1:${port}.evil.example` })],
      [
        'an Origin that begins like a configured one',
        () => ({ Origin: 'https://dashboard.example:8443.evil.example' }),
      ],
      ['a configured Origin of another port', () => ({ Origin: 'https://dashboard.example' })],
      ['an empty Origin', () => ({ Origin: '' })],
      ['an Origin of a file', () => ({ Origin: 'file://' })],
      ['an Origin of an extension', () => ({ Origin: 'chrome-extension://abcdef' })],
      ['two Origins', (port) => ({ Origin: `http://127.0.0.1:${port} https://evil.example` })],
      [
        'cross-site with its own Origin',
        (port) => ({ Origin: `http://127.0.0.1:${port}`, 'Sec-Fetch-Site': 'cross-site' }),
      ],
      ['cross-site with a Host that is allowed', () => ({ Host: 'localhost', 'Sec-Fetch-Site': 'cross-site' })],
      [
        'the rebound name of an attacker',
        (port) => ({ Host: `evil.example:${port}`, Origin: `http://evil.example:${port}` }),
      ],
      ['a Host that begins like an allowed one', () => ({ Host: '127.0.0.1.evil.example' })],
      ['a Host with a name before it', () => ({ Host: 'evil.example@127.0.0.1' })],
      ['a Host with a dot at its end', () => ({ Host: 'localhost.' })],
    ]
    for (const [name, headers] of refused) {
      it(name, async () => {
        const answer = await unchanged(service, [UID], () => request(service, claim, headers(service.port)))
        expect(answer.status).to.equal(403)
        expect(answer.problem().type).to.equal('urn:archive-ups:problem:crossSite')
      })
    }

    it('no Host in HTTP/1.0, which need not have one, and an empty Host', async () => {
      for (const head of ['HTTP/1.0', 'HTTP/1.1\r\nHost:\r\nConnection: close']) {
        const received = await rawExchange(service.port, `GET /healthz ${head}\r\n\r\n`)
        expect(statusesIn(received)).to.deep.equal([403])
        expect(received).to.match(/^warning: 299 \S+: Requests from other sites are refused\.$/im)
      }
    })
  })

  describe('are not', () => {
    const passing: readonly [string, (port: number) => Headers][] = [
      ['requests without Origin', () => ({})],
      ['requests of its own Origin', (port) => ({ Origin: `http://127.0.0.1:${port}` })],
      [
        'requests of its own Origin in upper case',
        (port) => ({ Host: `LOCALHOST:${port}`, Origin: `HTTP://localhost:${port}` }),
      ],
      [
        'requests of its own Origin under its other name',
        (port) => ({ Host: `localhost:${port}`, Origin: `http://localhost:${port}` }),
      ],
      ['requests of a configured Origin', () => ({ Origin: 'https://dashboard.example:8443' })],
      ['requests of another configured Origin, in upper case', () => ({ Origin: 'http://CONSOLE.example' })],
      ['same-origin fetches', () => ({ 'Sec-Fetch-Site': 'same-origin' })],
      ['what the user typed', () => ({ 'Sec-Fetch-Site': 'none' })],
      ['requests for an allowed host on any port', () => ({ Host: 'localhost:1' })],
      ['requests for an allowed host without port', () => ({ Host: 'localhost' })],
    ]
    for (const [name, headers] of passing) {
      it(name, async () => {
        const update = ['POST', `/aets/WORKLIST/rs/workitems/${UID}`, {}] as const
        expect((await request(service, update, headers(service.port))).status).to.equal(200)
      })
    }
  })

  describe('behind a proxy', () => {
    let direct: Service
    let proxied: Service
    const allowedHosts = ['127.0.0.1', 'pacs.example']
    before(async () => {
      direct = await start({ allowedHosts })
      proxied = await start({ allowedHosts, host: { trustProxy: true } })
    })

    const forwarding: readonly [string, Headers][] = [
      ['X-Forwarded-*', { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'pacs.example' }],
      [
        'X-Forwarded-* of several hops',
        { 'X-Forwarded-Proto': 'https, http', 'X-Forwarded-Host': 'pacs.example, inner' },
      ],
      ['Forwarded', { Forwarded: 'for=192.0.2.1;proto=https;host=pacs.example' }],
      [
        'Forwarded, quoted, of several hops',
        { Forwarded: 'For="[2001:db8::1]";Host="pacs.example";Proto=https, for=10.0.0.1;host=inner' },
      ],
    ]
    const update = ['POST', `/aets/WORKLIST/rs/workitems/${UID}`, {}] as const

    for (const [name, headers] of forwarding) {
      it(`${name} counts when the host trusts its proxy`, async () => {
        const asSeen = { ...headers, Origin: 'https://pacs.example' }
        expect((await request(proxied, update, asSeen)).status).to.equal(200)
        const asSent = { ...headers, Origin: `http://${own(proxied)}` }
        const refused = await unchanged(proxied, [UID], () => request(proxied, update, asSent))
        expectRefusal(refused, 'https://pacs.example', 'crossSite')
      })

      it(`${name} is in the URLs of answers then`, async () => {
        const uid = `1.2.5.${forwarding.findIndex(([other]) => other === name) + 1}`
        const create = [
          'POST',
          `/aets/WORKLIST/rs/workitems?${uid}`,
          JSON.parse(sampleText('ai-triage')) as object,
        ] as const
        const answer = await request(proxied, create, headers)
        expect(answer.headers.get('location')).to.equal(`https://pacs.example/aets/WORKLIST/rs/workitems/${uid}`)
      })

      it(`${name} does not count otherwise`, async () => {
        const asSeen = { ...headers, Origin: 'https://pacs.example' }
        const refused = await unchanged(direct, [UID], () => request(direct, update, asSeen))
        expectRefusal(refused, direct.url, 'crossSite')
        expect((await request(direct, update, { ...headers, Origin: `http://${own(direct)}` })).status).to.equal(200)
        const uid = `1.2.6.${forwarding.findIndex(([other]) => other === name) + 1}`
        const create = [
          'POST',
          `/aets/WORKLIST/rs/workitems?${uid}`,
          JSON.parse(sampleText('ai-triage')) as object,
        ] as const
        const answer = await request(direct, create, headers)
        expect(answer.headers.get('location')).to.equal(`${direct.url}/aets/WORKLIST/rs/workitems/${uid}`)
      })
    }

    it('a forwarded host that is not allowed is 403', async () => {
      for (const headers of [{ 'X-Forwarded-Host': 'evil.example' }, { Forwarded: 'host=evil.example' }] as const) {
        const answer = await unchanged(proxied, [UID], () => request(proxied, update, headers as Headers))
        expect(answer.status).to.equal(403)
      }
    })

    it('a forwarded host does not make an untrusted one allowed', async () => {
      const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'pacs.example', Forwarded: 'host=pacs.example' }
      const answer = await unchanged(direct, [UID], () => request(direct, update, headers))
      expect(answer.status).to.equal(403)
    })

    it('proto and host may come in different headers', async () => {
      const headers = { 'X-Forwarded-Proto': 'https', Host: 'pacs.example', Origin: 'https://pacs.example' }
      expect((await request(proxied, update, headers)).status).to.equal(200)
    })
  })

  describe('that upgrade', () => {
    const paths = ['/aets/WORKLIST/ws/subscribers/EVIL', '/aets/WORKLIST/rs/subscribers/EVIL', '/graphql', '/nowhere']
    for (const path of paths) {
      for (const [name, lines, host] of [
        ['Sec-Fetch-Site: cross-site', ['Sec-Fetch-Site: cross-site']],
        ['a foreign Origin', ['Origin: https://evil.example']],
        ['Origin: null', ['Origin: null']],
        ['a Host that is not allowed', [], 'evil.example'],
      ] as const) {
        it(`are 403: ${name}, ${path}`, async () => {
          const received = await unchanged(service, [UID], () => upgrade(service, path, lines, host))
          expect(statusesIn(received)).to.deep.equal([403])
          const [head = '', body = ''] = received.split('\r\n\r\n')
          expect(head)
            .to.match(/^content-type: application\/problem\+json$/im)
            .and.match(/^connection: close$/im)
          const [, id] = /^x-request-id: (.*)$/im.exec(head) ?? []
          expect(JSON.parse(body)).to.deep.include({
            type: 'urn:archive-ups:problem:crossSite',
            title: 'Requests from other sites are refused.',
            status: 403,
            instance: `urn:uuid:${id}`,
          })
        })
      }
    }

    it('have a Warning, like every error', async () => {
      const received = await upgrade(service, '/aets/WORKLIST/ws/subscribers/EVIL', ['Origin: https://evil.example'])
      const [, warning] = /^warning: (.*)\r$/im.exec(received) ?? []
      expect(warning).to.equal(`299 ${service.url}: Requests from other sites are refused.`)
    })

    it('of their own Origin are left to the host, which has no channel yet', async () => {
      for (const lines of [[], [`Origin: http://${own(service)}`], ['Origin: https://dashboard.example:8443']]) {
        expect(statusesIn(await upgrade(service, '/nowhere', lines))).not.to.include(403)
      }
    })

    it('are left to the host outside of the prefix, also when the path begins with the same letters', async () => {
      const prefixed = await startService({ prefix: '/ups' })
      try {
        const foreign = ['Origin: https://evil.example']
        expect(statusesIn(await upgrade(prefixed, '/ups/aets/WORKLIST/ws/subscribers/X', foreign))).to.deep.equal([403])
        expect(statusesIn(await upgrade(prefixed, '/ups', foreign))).to.deep.equal([403])
        expect(statusesIn(await upgrade(prefixed, '/chat', foreign))).to.deep.equal([])
        expect(statusesIn(await upgrade(prefixed, '/upstream', foreign))).to.deep.equal([])
      } finally {
        await prefixed.stop()
      }
    })
  })
})
