import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { DICOM_JSON, post, put, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { sample, sampleText, stateChange } from '../support/workitems.ts'
import { attribute } from './datasets.ts'
import { jsonWorkitem, nestedJson, nestedXml, XML, xmlWorkitem } from './documents.ts'
import { expectRefusal, retrieved, unchanged } from './refusal.ts'
import { rawExchange, statusesIn, wire } from './wire.ts'

const PATH = '/aets/WORKLIST/rs/workitems'
const HOST = 'Host: 127.0.0.1\r\n'
const CLOSE = 'Connection: close\r\n'

const headsIn = (received: string): readonly string[] =>
  received.split(/(?=HTTP\/1\.1 \d{3} )/).map((answer) => answer.split('\r\n\r\n')[0] ?? '')

const postHead = (length: number | string, more = ''): string =>
  `POST ${PATH}?1.2.4 HTTP/1.1\r\n${HOST}Content-Type: ${DICOM_JSON}\r\n${more}` +
  (typeof length === 'number' ? `Content-Length: ${length}\r\n\r\n` : `${length}\r\n\r\n`)

const items = (count: number): Dataset => ({
  '00404034': attribute('SQ', ...Array.from({ length: count }, () => ({}))),
})

describe('Hostile requests', () => {
  let service: Service
  let url: string
  before(async () => {
    service = await startService()
    url = `${service.aet()}/workitems`
    expect((await post(`${url}?1.2.3`, sampleText('ai-triage'))).status).to.equal(201)
  })
  after(() => service.stop())
  afterEach('the service is well', async () => {
    expect((await send(`${service.url}/healthz`)).status).to.equal(200)
  })

  const raw = (...pieces: readonly (string | Uint8Array)[]): Promise<string> => rawExchange(service.port, ...pieces)

  describe('One connection', () => {
    it('gets the answers to pipelined requests in order, refusals in between', async () => {
      const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\n${HOST}${more}\r\n`
      const body = jsonWorkitem('piped')
      const received = await raw(
        get(`${PATH}/1.2.3`),
        get('/nowhere'),
        `POST ${PATH}?1.2.61 HTTP/1.1\r\n${HOST}Content-Type: ${DICOM_JSON}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        get(`${PATH}/1.02`),
        get('/healthz', CLOSE),
      )
      expect(statusesIn(received)).to.deep.equal([200, 404, 201, 400, 200])
    })

    it('is closed, or goes on, after a payload that was too large; it does not hang', async () => {
      const big = 'x'.repeat(6_000_000)
      const next = `GET /healthz HTTP/1.1\r\n${HOST}${CLOSE}\r\n`
      for (const pieces of [
        [postHead(big.length), big, next],
        [postHead('Transfer-Encoding: chunked'), `${big.length.toString(16)}\r\n`, big, '\r\n0\r\n\r\n', next],
      ]) {
        const received = await unchanged(service, ['1.2.4'], () => raw(...pieces))
        const [first, second] = statusesIn(received)
        expect(first).to.equal(413)
        if (!/^connection: close$/im.test(headsIn(received)[0] ?? '')) expect(second, 'the next answer').to.equal(200)
      }
    })

    it('goes on after a payload of an unknown media type', async () => {
      const received = await raw(
        `POST ${PATH} HTTP/1.1\r\n${HOST}Content-Type: text/plain\r\nContent-Length: 100000\r\n\r\n`,
        'x'.repeat(100_000),
        `GET /healthz HTTP/1.1\r\n${HOST}${CLOSE}\r\n`,
      )
      expect(statusesIn(received)).to.deep.equal([415, 200])
    })

    it('that sends its payload slowly holds up nobody, and is answered', async () => {
      const body = jsonWorkitem('slow')
      const socket = connect(service.port, '127.0.0.1')
      const answer = read(socket)
      socket.write(postHead(Buffer.byteLength(body), CLOSE).replace('1.2.4', '1.2.62') + body.slice(0, 20))
      expect((await send(`${service.url}/healthz`)).status).to.equal(200)
      for (const character of body.slice(20)) socket.write(character)
      expect(statusesIn(await answer)).to.deep.equal([201])
    })

    it('that breaks off in its payload leaves nothing behind', async () => {
      const body = gzipSync(sampleText('ai-triage'))
      for (const more of ['', 'Content-Encoding: gzip\r\n']) {
        await unchanged(service, ['1.2.4'], async () => {
          const socket = connect(service.port, '127.0.0.1')
          const gone = read(socket)
          socket.write(postHead(body.length, more))
          socket.end(body.subarray(0, 100))
          await gone
        })
      }
    })

    it('that sends less than it said is not believed', async () => {
      const body = jsonWorkitem('short')
      const received = await unchanged(service, ['1.2.4'], async () => {
        const socket = connect(service.port, '127.0.0.1')
        const answer = read(socket)
        socket.write(postHead(Buffer.byteLength(body) + 10, CLOSE))
        socket.end(body)
        return answer
      })
      expect(statusesIn(received)).not.to.include(201)
    })

    it('that sends more than it said gets 400 for the rest', async () => {
      const body = jsonWorkitem('long')
      const received = await raw(postHead(Buffer.byteLength(body)).replace('1.2.4', '1.2.63'), `${body}}}rest\r\n\r\n`)
      // Node gives up the connection at once, perhaps before the first answer was written.
      expect(statusesIn(received).at(-1)).to.equal(400)
    })

    for (const [name, lines] of [
      ['two lengths', 'Content-Length: 2\r\nContent-Length: 300'],
      ['a length and chunks', 'Content-Length: 2\r\nTransfer-Encoding: chunked'],
      ['a length that is none', 'Content-Length: 2x'],
      ['a negative length', 'Content-Length: -2'],
      ['chunks of no size', 'Transfer-Encoding: chunked\r\n\r\nzz'],
    ] as const) {
      it(`that gives ${name} is refused`, async () => {
        const received = await unchanged(service, ['1.2.4'], () =>
          raw(postHead(`${lines}\r\n${CLOSE}`.trimEnd()), '{}'),
        )
        expect(statusesIn(received)[0]).to.equal(400)
        expect(statusesIn(received)).to.have.length(1)
      })
    }

    it('may wait for 100 Continue', async () => {
      const body = jsonWorkitem('continue')
      const head = postHead(Buffer.byteLength(body), `${CLOSE}Expect: 100-continue\r\n`).replace('1.2.4', '1.2.64')
      expect(statusesIn(await raw(head, body))).to.deep.equal([100, 201])
    })
  })

  describe('Header injection', () => {
    const injected = 'X-Injected: yes'
    const encoded = encodeURIComponent(`\r\n${injected}\r\n\r\n`)
    const requests: readonly [string, string][] = [
      ['the AE title', `GET /aets/A${encoded}/rs/workitems HTTP/1.1\r\n${HOST}`],
      ['the UID of the path', `GET ${PATH}/1.2${encoded} HTTP/1.1\r\n${HOST}`],
      [
        'the UID of the query',
        `POST ${PATH}?workitem=1.2${encoded} HTTP/1.1\r\n${HOST}Content-Type: ${DICOM_JSON}\r\nContent-Length: 0\r\n`,
      ],
      ['the requester', `PUT ${PATH}/1.2.3/state/A${encoded} HTTP/1.1\r\n${HOST}Content-Length: 0\r\n`],
      ['the name of a parameter', `GET ${PATH}?${encoded}=1 HTTP/1.1\r\n${HOST}`],
      ['the accept parameter', `GET ${PATH}/1.2.3?accept=${encoded} HTTP/1.1\r\n${HOST}`],
      ['an unknown path', `GET /${encoded} HTTP/1.1\r\n${HOST}`],
      ['an absolute URL', `GET http://evil.example/${encoded} HTTP/1.1\r\n${HOST}`],
    ]
    for (const [name, request] of requests) {
      it(`is not possible through ${name}`, async () => {
        const received = await unchanged(service, ['1.2.3'], () => raw(`${request}${CLOSE}\r\n`))
        expect(statusesIn(received)).to.have.length(1)
        expect(headsIn(received)[0]).not.to.match(/^x-injected/im)
      })
    }

    it('is not possible through the Host, which no URL repeats unless it is one', async () => {
      const open = await startService({ allowedHosts: ['evil"host', 'a b', '127.0.0.1', 'a/b'] })
      try {
        for (const host of ['evil"host', 'a b', 'a/b']) {
          const received = await rawExchange(open.port, `GET /nowhere HTTP/1.1\r\nHost: ${host}\r\n${CLOSE}\r\n`)
          expect(statusesIn(received)[0]).to.be.oneOf([400, 403, 404])
          expect(headsIn(received)[0] ?? '').not.to.include(host)
        }
      } finally {
        await open.stop()
      }
    })

    it('nor can a path make the head of an answer long', async () => {
      const long = 'A'.repeat(10_000)
      for (const path of [`/aets/${long}/rs/workitems`, `${PATH}/${long}`, `/${long}`, `${PATH}/1.2.3/state/${long}`]) {
        const received = await raw(`PUT ${path} HTTP/1.1\r\n${HOST}${CLOSE}Content-Length: 0\r\n\r\n`)
        expect(statusesIn(received)[0]).to.be.oneOf([400, 404, 405])
        expect((headsIn(received)[0] ?? '').length, path.slice(0, 30)).to.be.below(2_000)
      }
    })
  })

  describe('Odd requests', () => {
    const odd: readonly [string, string, readonly number[]][] = [
      ['the asterisk', `OPTIONS * HTTP/1.1\r\n${HOST}`, [200, 204, 400, 404]],
      ['an absolute URL', `GET http://evil.example${PATH}/1.2.3 HTTP/1.1\r\n${HOST}`, [200, 400, 403]],
      ['an absolute URL without a host', `GET http:// HTTP/1.1\r\n${HOST}`, [400, 404]],
      ['raw bytes in the path', `GET ${PATH}/\xe9\xff HTTP/1.1\r\n${HOST}`, [400]],
      ['NUL in the path', `GET ${PATH}/1.2%00 HTTP/1.1\r\n${HOST}`, [400]],
      ['a method that nobody knows', `FOO ${PATH} HTTP/1.1\r\n${HOST}`, [400]],
      ['a method in lower case', `get ${PATH} HTTP/1.1\r\n${HOST}`, [400]],
      ['headers without end', `GET ${PATH} HTTP/1.1\r\n${HOST}${`X-Long: ${'x'.repeat(1_000)}\r\n`.repeat(30)}`, [431]],
      ['a path without end', `GET ${PATH}?${'x'.repeat(30_000)} HTTP/1.1\r\n${HOST}`, [414, 431]],
      ['two hosts', `GET ${PATH} HTTP/1.1\r\n${HOST}Host: evil.example\r\n`, [200, 204, 400, 403]],
      ['no host', `GET ${PATH} HTTP/1.1\r\n`, [400, 403]],
      ['a fragment', `GET ${PATH}/1.2.3#x HTTP/1.1\r\n${HOST}`, [200, 400]],
      ['dots', `GET ${PATH}/../workitems/1.2.3 HTTP/1.1\r\n${HOST}`, [200, 404]],
      [
        'ten thousand Accept ranges',
        `GET ${PATH}/1.2.3 HTTP/1.1\r\n${HOST}Accept: ${'a/b,'.repeat(3_000)}*/*\r\n`,
        [200],
      ],
      ['an Accept of quotes', `GET ${PATH}/1.2.3 HTTP/1.1\r\n${HOST}Accept: "${'"\\'.repeat(2_000)}\r\n`, [200, 406]],
      ['a range', `GET ${PATH}/1.2.3 HTTP/1.1\r\n${HOST}Range: bytes=0-1\r\n`, [200]],
    ]
    for (const [name, request, statuses] of odd) {
      it(`${name}: ${statuses.join(' or ')}`, async () => {
        const received = await unchanged(service, ['1.2.3'], () => raw(Buffer.from(`${request}${CLOSE}\r\n`, 'latin1')))
        expect(statusesIn(received)).to.have.length(1)
        expect(statusesIn(received)[0]).to.be.oneOf([...statuses])
        expect(received).not.to.match(/\.ts:\d+|\.js:\d+|node_modules/)
      })
    }

    for (const type of [
      'application/dicom+json; charset="',
      ';',
      '"',
      'application/dicom+json, text/plain',
      '*/*',
      'multipart/related; type="application/dicom+xml"; boundary="',
    ]) {
      it(`the Content-Type ${type} is answered, not a failure`, async () => {
        const answer = await wire({
          port: service.port,
          path: `${PATH}?1.2.65`,
          method: 'POST',
          headers: { 'Content-Type': type },
          body: '{}',
        })
        expect(answer.status).to.be.oneOf([400, 415])
      })
    }
  })

  describe('Names that JavaScript knows', () => {
    for (const name of ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', '__defineGetter__']) {
      it(`${name} is a parameter that nobody knows`, async () => {
        const answer = await send(`${url}?${name}=x&${name}[limit]=1&limit=1`)
        expect(answer.status).to.equal(200)
        expect(answer.headers.get('warning')).to.match(/Unknown parameters/)
      })

      it(`${name} is no key, VR or group of a dataset, and pollutes nothing`, async () => {
        const bodies = [
          `{"${name}":{"vr":"LO","Value":["x"]}}`,
          `{"00741204":{"vr":"${name}","Value":["x"]}}`,
          `{"00741204":{"vr":"LO","Value":["x"],"${name}":{"polluted":1}}}`,
          `{"00741210":{"vr":"SQ","Value":[{"${name}":{"vr":"LO"}}]}}`,
          `{"00100010":{"vr":"PN","Value":[{"${name}":{"Alphabetic":"x"}}]}}`,
        ]
        for (const body of bodies) {
          const answer = await unchanged(service, ['1.2.4'], () => post(`${url}?1.2.4`, body))
          expect(answer.status, body).to.equal(400)
        }
        expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined)
      })

      it(`${name} is no tag, VR or element of XML`, async () => {
        const more = [
          `<DicomAttribute tag="${name}" vr="LO"/>`,
          `<DicomAttribute keyword="${name}" vr="LO"/>`,
          `<DicomAttribute tag="00100020" vr="${name}"/>`,
          `<DicomAttribute tag="00100010" vr="PN"><PersonName><${name}/></PersonName></DicomAttribute>`,
        ]
        for (const part of more) {
          const attempt = () => post(`${url}?1.2.4`, xmlWorkitem('x', part), { 'Content-Type': XML })
          expect((await unchanged(service, ['1.2.4'], attempt)).status, part).to.equal(400)
        }
      })
    }
  })

  describe('Parameters given twice', () => {
    it('the same is one, different ones are refused', async () => {
      expect((await send(`${url}?limit=1&LIMIT=1`)).status).to.equal(200)
      expectRefusal(await send(`${url}?limit=1&LIMIT=2`), service.aet(), 'malformedParameter')
      const twice = () => put(`${url}/1.2.3/state?requester=A&Requester=B`, stateChange('IN PROGRESS'))
      expectRefusal(await unchanged(service, ['1.2.3'], twice), service.aet(), 'malformedParameter')
    })

    it('thousands of them are no more work than they are long', async () => {
      expect((await send(`${url}?${'a=1&'.repeat(3_000)}limit=1`)).status).to.equal(200)
      expect((await send(`${url}?${'accept=a/b&'.repeat(1_000)}accept=*/*`)).status).to.equal(200)
    })
  })

  describe('Payloads made to cost', () => {
    /** Each is a few megabytes at most; refusing one must not keep others waiting for long. */
    const costly: readonly [string, string, () => string][] = [
      ['arrays in arrays', DICOM_JSON, () => '['.repeat(100_000) + ']'.repeat(100_000)],
      [
        'arrays in a value',
        DICOM_JSON,
        () => `{"00741210":{"vr":"SQ","Value":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
      ],
      ['objects in objects', DICOM_JSON, () => `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
      ['sequences in sequences', DICOM_JSON, () => nestedJson(50_000)],
      ['sequences in sequences of XML', XML, () => xmlWorkitem('x', nestedXml(40_000))],
      ['elements in elements', XML, () => `${'<Value>'.repeat(100_000)}${'</Value>'.repeat(100_000)}`],
      ['elements that stay open', XML, () => '<a>'.repeat(500_000)],
      [
        'attributes of an element',
        XML,
        () => `<NativeDicomModel ${Array.from({ length: 100_000 }, (_, index) => `a${index}="x"`).join(' ')}/>`,
      ],
      [
        'namespaces',
        XML,
        () => `<NativeDicomModel ${Array.from({ length: 100_000 }, (_, index) => `xmlns:a${index}="x"`).join(' ')}/>`,
      ],
      [
        'keys that are no tags',
        DICOM_JSON,
        () => `{${Array.from({ length: 200_000 }, (_, index) => `"k${index}":{}`).join()}}`,
      ],
      [
        'carets in a name',
        DICOM_JSON,
        () => JSON.stringify({ '00100010': { vr: 'PN', Value: ['^'.repeat(4_000_000)] } }),
      ],
      [
        'equals signs in a name',
        DICOM_JSON,
        () => JSON.stringify({ '00100010': { vr: 'PN', Value: ['='.repeat(4_000_000)] } }),
      ],
      [
        'digits of a number',
        DICOM_JSON,
        () => JSON.stringify({ '00101030': { vr: 'DS', Value: ['1'.repeat(4_000_000)] } }),
      ],
      ['digits of a JSON number', DICOM_JSON, () => `{"00101030":{"vr":"DS","Value":[${'1'.repeat(4_000_000)}]}}`],
      [
        'digits of a date-time',
        DICOM_JSON,
        () => JSON.stringify({ '00404005': { vr: 'DT', Value: ['1'.repeat(4_000_000)] } }),
      ],
      [
        'spaces in a text',
        DICOM_JSON,
        () => JSON.stringify({ '00100020': { vr: 'LO', Value: [`a${' '.repeat(4_000_000)}a`] } }),
      ],
      [
        'delimiters of a multipart',
        'multipart/related; type="application/dicom+xml"; boundary=b',
        () => '\r\n--b '.repeat(500_000),
      ],
      [
        'empty parts',
        'multipart/related; type="application/dicom+xml"; boundary=b',
        () => '\r\n--b\r\n'.repeat(500_000),
      ],
    ]
    for (const [name, type, body] of costly) {
      it(`${name}: 400 within seconds`, async function () {
        this.timeout(5_000)
        const answer = await unchanged(service, ['1.2.4'], () => post(`${url}?1.2.4`, body(), { 'Content-Type': type }))
        expect(answer.status).to.equal(400)
        expect(answer.text.length).to.be.below(100_000)
      })
    }

    it('make no answer that is larger than themselves: thousands of empty items', async () => {
      const answer = await unchanged(service, ['1.2.4'], () =>
        post(`${url}?1.2.4`, { ...sample('ai-triage'), ...items(20_000) }),
      )
      expect(answer.status).to.equal(400)
      expect(answer.problem().dicomStatus).to.equal('0120')
      expect(answer.text.length).to.be.below(60_000)
    })

    it('make no answer that is larger than themselves: thousands of wrong enumerated values', async () => {
      const item = { '0040A040': attribute('CS', 'NONE'), '0040A043': attribute('SQ', {}) }
      const sent = {
        ...sample('ai-triage'),
        '00741210': attribute('SQ', ...Array.from({ length: 20_000 }, () => item)),
      }
      const answer = await unchanged(service, ['1.2.4'], () => post(`${url}?1.2.4`, sent))
      expect(answer.status).to.equal(400)
      expect(answer.text.length).to.be.below(60_000)
    })
  })

  describe('Large, but right', () => {
    it('10 000 attributes are kept', async () => {
      const many = Object.fromEntries(
        Array.from({ length: 10_000 }, (_, index) => [
          `0099${(0x1000 + index).toString(16).toUpperCase()}`,
          attribute('LO', `${index}`),
        ]),
      )
      const creators = Object.fromEntries(
        Array.from({ length: 0x28 }, (_, index) => [
          `009900${(0x10 + index).toString(16).toUpperCase()}`,
          attribute('LO', 'ACME'),
        ]),
      )
      const answer = await post(`${url}?1.2.66`, { ...sample('ai-triage'), ...creators, ...many })
      expect(answer.status, answer.text).to.equal(201)
      expect(await retrieved(service.aet(), '1.2.66')).to.deep.include(many)
    })

    it('text of a megabyte is kept to the character, in JSON and in XML', async () => {
      const text = 'Grüße & <Küsse> "穆勒" \u{1F600}\r\n\t'.repeat(30_000)
      const sent = { ...sample('ai-triage'), '0040A160': attribute('UT', text) }
      expect((await post(`${url}?1.2.67`, sent)).status).to.equal(201)
      expect((await retrieved(service.aet(), '1.2.67'))['0040A160']?.Value).to.deep.equal([text])
      const xml = (await send(`${url}/1.2.67`, { headers: { Accept: XML } })).text
      expect((await post(`${url}/1.2.67`, xml, { 'Content-Type': XML })).status).to.equal(200)
      expect((await retrieved(service.aet(), '1.2.67'))['0040A160']?.Value).to.deep.equal([text])
    })
  })
})

/** All that comes until the peer closes; a connection that breaks counts as closed. */
function read(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let received = ''
    socket.on('data', (data) => (received += data.toString('latin1')))
    socket.on('error', () => resolve(received))
    socket.on('close', () => resolve(received))
  })
}
