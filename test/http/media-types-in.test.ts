import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { type Answer, DICOM_JSON, post, put } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { sampleText } from '../support/workitems.ts'
import { jsonWorkitem, multipart, MULTIPART_XML, nestedJson, nestedXml, XML, xmlWorkitem } from './documents.ts'
import { expectRefusal, type RefusalName, retrieved, unchanged } from './refusal.ts'
import { rawExchange, statusesIn, wire } from './wire.ts'

const MEBI = 1024 * 1024
const LIMIT = 5 * MEBI
const ACCEPTED = [
  'application/dicom+json',
  'application/json',
  'application/dicom+xml',
  'multipart/related; type="application/dicom+xml"',
  'multipart/related; type="application/dicom+json"',
]

const deepJson = (depth: number): string => `${jsonWorkitem('deep').slice(0, -1)},${nestedJson(depth).slice(1)}`
const deepXml = (depth: number): string => xmlWorkitem('deep', nestedXml(depth))

let last = 0
const nextUid = (): string => `1.2.41.${++last}`

const bytes = (body: string | Uint8Array): Uint8Array<ArrayBuffer> =>
  new Uint8Array(typeof body === 'string' ? Buffer.from(body) : body)

const padded = (size: number): string => jsonWorkitem('big').padEnd(size)

describe('PS3.18 8.7 Media types of requests', () => {
  let service: Service
  let url: string
  before(async () => {
    service = await startService()
    url = `${service.aet()}/workitems`
  })
  after(() => service.stop())

  const create = (
    type: string,
    body: string | Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => post(`${url}?${nextUid()}`, bytes(body), { 'Content-Type': type, ...headers })

  const expectCreated = async (answer: Answer, label: string): Promise<void> => {
    expect(answer.status, answer.text).to.equal(201)
    expect(await retrieved(service.aet(), `1.2.41.${last}`)).to.deep.include({
      '00741204': { vr: 'LO', Value: [label] },
    })
  }

  const expectRefused = async (
    name: RefusalName,
    type: string,
    body: string | Uint8Array,
    said: Parameters<typeof expectRefusal>[3] = {},
  ): Promise<Answer> => {
    const answer = await unchanged(service, [`1.2.41.${last + 1}`], () => create(type, body))
    expectRefusal(answer, service.aet(), name, said)
    return answer
  }

  const expectUnsupported = (answer: Answer): void => {
    expectRefusal(answer, service.aet(), 'unsupportedMediaType')
    const listed = answer.headers.get('accept')?.split(/, (?=\w)/)
    expect(listed).to.have.members(ACCEPTED)
  }

  describe('Accepted', () => {
    const json = jsonWorkitem('Grün 穆勒')
    const xml = xmlWorkitem('Grün 穆勒')
    const asJson = 'Content-Type: application/dicom+json\r\n'
    const accepted: readonly [string, string, string | Uint8Array][] = [
      ['DICOM JSON', DICOM_JSON, json],
      ['DICOM JSON, an array of one', DICOM_JSON, `[${json}]`],
      ['DICOM JSON with white space and a byte order mark', DICOM_JSON, `\uFEFF \r\n\t${json}\n`],
      ['JSON', 'application/json', json],
      ['a type in upper case', 'Application/DICOM+JSON', json],
      ['a charset', 'application/dicom+json; charset=utf-8', json],
      ['a quoted charset in upper case', 'application/json;charset="UTF-8"', json],
      ['a parameter that means nothing', 'application/dicom+json; transfer-syntax=1.2.840.10008.1.2.1', json],
      ['a semicolon too many', 'application/dicom+json;', json],
      ['XML', XML, xml],
      ['XML with a charset', `${XML}; charset=UTF-8`, xml],
      ['XML with a byte order mark', XML, `\uFEFF${xml}`],
      ['XML without a namespace', XML, xml.replace(/ xmlns="[^"]*"/, '')],
      ['XML without a declaration', XML, xml.replace(/^<\?xml.*?\?>/, '')],
      ['multipart XML', MULTIPART_XML, multipart(xml)],
      [
        'multipart XML, its type not quoted',
        'multipart/related; type=application/dicom+xml; boundary=b',
        multipart(xml),
      ],
      [
        'multipart XML, its boundary quoted',
        'multipart/related;boundary="b";type="application/dicom+xml"',
        multipart(xml),
      ],
      [
        'multipart XML, a boundary with special characters',
        `${MULTIPART_XML.replace('=b', '="=_a b:c"')}`,
        multipart(xml, undefined, '=_a b:c'),
      ],
      [
        'multipart XML, all in upper case',
        'MULTIPART/RELATED; TYPE="APPLICATION/DICOM+XML"; BOUNDARY=b',
        multipart(xml),
      ],
      ['multipart XML, more parameters', `${MULTIPART_XML}; start="<1@x>"; charset=utf-8`, multipart(xml)],
      [
        'multipart XML, its part with parameters',
        MULTIPART_XML,
        multipart(xml, `Content-ID: <1@x>\r\nContent-Type: ${XML};charset=utf-8\r\n`),
      ],
      ['multipart XML, its part without a type', MULTIPART_XML, multipart(xml, '')],
      ['multipart XML, a preamble and an epilogue', MULTIPART_XML, `preamble\r\n${multipart(xml)}epilogue`],
      ['multipart JSON', MULTIPART_XML.replace('xml', 'json'), multipart(json, asJson)],
      [
        'multipart JSON, an array of one',
        'multipart/related; type=application/dicom+json; boundary=b',
        multipart(`[${json}]`, asJson),
      ],
    ]
    for (const [name, type, body] of accepted) {
      it(name, async () => expectCreated(await create(type, body), 'Grün 穆勒'))
    }

    it('plain ASCII as us-ascii', async () => {
      await expectCreated(await create('application/dicom+json; charset=us-ascii', jsonWorkitem('plain')), 'plain')
    })

    it('tags in lower-case hex, in JSON and in XML', async () => {
      const document = `${jsonWorkitem('lower').slice(0, -1)},"0040a370":{"vr":"SQ"},"0040e020":{"vr":"CS"}}`
      await expectCreated(await create(DICOM_JSON, document), 'lower')
      expect(await retrieved(service.aet(), `1.2.41.${last}`)).to.have.property('0040A370')
      const native = xmlWorkitem('lower', '<DicomAttribute tag="0040a730" vr="SQ"/>')
      await expectCreated(await create(XML, native), 'lower')
      expect(await retrieved(service.aet(), `1.2.41.${last}`)).to.have.property('0040A730')
    })

    it('JSON without vr, with one value instead of a list, with a person name as text', async () => {
      const first =
        '{"00741204":{"Value":"bare"},"00100010":{"vr":"PN","Value":["Doe^John"]},"00404005":{"Value":["2026"]},'
      const rest = '"00404041":{"Value":["READY"]},"00741000":{"Value":["SCHEDULED"]},"00741200":{"Value":["LOW"]}}'
      await expectCreated(await create(DICOM_JSON, first + rest), 'bare')
      expect(await retrieved(service.aet(), `1.2.41.${last}`)).to.deep.include({
        '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Doe^John' }] },
      })
    })

    it('XML where tag and keyword disagree: the tag wins', async () => {
      const native = xmlWorkitem('tag').replace('tag="00741204"', 'keyword="PatientID" tag="00741204"')
      await expectCreated(await create(XML, native), 'tag')
      expect((await retrieved(service.aet(), `1.2.41.${last}`))['00100020']).to.deep.equal({ vr: 'LO' })
    })

    it('Content-Encoding identity', async () => {
      await expectCreated(await create(DICOM_JSON, jsonWorkitem('plain'), { 'Content-Encoding': 'identity' }), 'plain')
    })

    it('a body in chunks, without a Content-Length', async () => {
      const text = jsonWorkitem('chunks')
      const path = `/aets/WORKLIST/rs/workitems?${nextUid()}`
      const chunks = [text.slice(0, 30), text.slice(30, 31), text.slice(31)]
      const headers = { 'Content-Type': DICOM_JSON }
      await expectCreated(await wire({ port: service.port, path, method: 'POST', headers, chunks }), 'chunks')
    })

    it('all of them on every route that takes a dataset', async () => {
      const target = `${url}/${nextUid()}`
      expect((await post(`${url}?1.2.41.${last}`, jsonWorkitem('x'))).status).to.equal(201)
      const update = xmlWorkitem('changed', '').replace(/<DicomAttribute tag="(?!00741204).*?<\/DicomAttribute>/g, '')
      expect((await post(target, bytes(multipart(update)), { 'Content-Type': MULTIPART_XML })).status).to.equal(200)
      expect(await retrieved(service.aet(), `1.2.41.${last}`)).to.have.nested.property('00741204.Value[0]', 'changed')
      const claim =
        '<NativeDicomModel><DicomAttribute tag="00741000" vr="CS"><Value>IN PROGRESS</Value></DicomAttribute>' +
        '<DicomAttribute keyword="TransactionUID"><Value>1.2.3</Value></DicomAttribute></NativeDicomModel>'
      expect((await put(`${target}/state`, bytes(claim), { 'Content-Type': XML })).status).to.equal(200)
      expect(await retrieved(service.aet(), `1.2.41.${last}`)).to.have.nested.property(
        '00741000.Value[0]',
        'IN PROGRESS',
      )
    })
  })

  describe('415, and what is accepted', () => {
    const unsupported: readonly [string, string][] = [
      ['text', 'text/plain'],
      ['XML of no kind', 'application/xml'],
      ['a form', 'application/x-www-form-urlencoded'],
      ['a form with files', 'multipart/form-data; boundary=b'],
      ['DICOM itself', 'application/dicom'],
      ['multipart without a type', 'multipart/related; boundary=b'],
      ['multipart with a type of no use', 'multipart/related; type="image/jpeg"; boundary=b'],
      ['multipart of plain JSON', 'multipart/related; type="application/json"; boundary=b'],
      ['no media type at all', 'rubbish'],
      ['a longer name', 'application/dicom+jsonp'],
    ]
    for (const [name, type] of unsupported) {
      it(name, async () => {
        const answer = await unchanged(service, [], () => create(type, multipart(xmlWorkitem('no'))))
        expectUnsupported(answer)
      })
    }

    it('no Content-Type', async () => {
      const path = '/aets/WORKLIST/rs/workitems'
      const send = () => wire({ port: service.port, path, method: 'POST', body: jsonWorkitem('no') })
      expectUnsupported(await unchanged(service, [], send))
    })

    it('a charset that is not UTF-8', async () => {
      await expectRefused('unsupportedMediaType', 'application/dicom+json; charset=iso-8859-1', jsonWorkitem('no'), {
        detail: /charset.*UTF-8/,
      })
    })

    it('a part of another type than the whole says', async () => {
      const part = multipart(jsonWorkitem('no'), 'Content-Type: application/dicom+json\r\n')
      await expectRefused('unsupportedMediaType', MULTIPART_XML, part, { detail: /part/ })
    })

    // How large a packed payload is would only be known when it is unpacked.
    const packed = [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
      ['x-unknown', bytes],
      ['gzip, gzip', bytes],
    ] as const
    for (const [encoding, encode] of packed) {
      it(`Content-Encoding ${encoding}`, async () => {
        const body = encode(jsonWorkitem('no'))
        const answer = await unchanged(service, [], () => create(DICOM_JSON, body, { 'Content-Encoding': encoding }))
        expectRefusal(answer, service.aet(), 'unsupportedMediaType', { detail: /Content-Encoding .* identity/ })
        expect(answer.headers.get('accept-encoding')).to.equal('identity')
      })
    }

    it('on Update, Change State and Request Cancellation too', async () => {
      const uid = nextUid()
      expect((await post(`${url}?${uid}`, jsonWorkitem('x'))).status).to.equal(201)
      const headers = { 'Content-Type': 'text/plain' }
      const tries = [
        () => post(`${url}/${uid}`, '{}', headers),
        () => put(`${url}/${uid}`, '{}', headers),
        () => put(`${url}/${uid}/state`, '{}', headers),
        () => post(`${url}/${uid}/cancelrequest`, '{}', headers),
      ]
      for (const attempt of tries) expectUnsupported(await unchanged(service, [uid], attempt))
    })
  })

  describe('A payload that cannot be read: 400', () => {
    const json = jsonWorkitem('no')
    const xml = xmlWorkitem('no')
    const lol = '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    const unreadable: readonly [string, string, string | Uint8Array, RegExp][] = [
      ['nothing', DICOM_JSON, '', /empty/],
      ['an empty array', DICOM_JSON, '[]', /list of 0/],
      ['an array of two', DICOM_JSON, `[${json},${json}]`, /list of 2/],
      ['an array in an array', DICOM_JSON, `[[${json}]]`, /a list/],
      ['null', DICOM_JSON, 'null', /null/],
      ['a number', DICOM_JSON, '42', /number/],
      ['a text', DICOM_JSON, '"x"', /string/],
      ['an array of null', DICOM_JSON, '[null]', /null/],
      ['a key that is no tag', DICOM_JSON, '{"PatientName":{"vr":"PN"}}', /PatientName/],
      ['a tag in upper and in lower case', DICOM_JSON, '{"0040A370":{"vr":"SQ"},"0040a370":{"vr":"SQ"}}', /0040A370/],
      ['an attribute that is no object', DICOM_JSON, '{"00741204":"x"}', /00741204/],
      ['an unknown VR', DICOM_JSON, '{"00741204":{"vr":"XX"}}', /00741204.*XX/],
      ['JSON that ends early', DICOM_JSON, json.slice(0, -3), /JSON/],
      ['JSON with a comma too many', DICOM_JSON, json.replace('}}', '}},'), /JSON at position \d+/],
      ['JSON that is XML', DICOM_JSON, xml, /JSON/],
      ['JSON that is not UTF-8', DICOM_JSON, Buffer.from(jsonWorkitem('Grün'), 'latin1'), /UTF-8/],
      ['XML that is not UTF-8', XML, Buffer.from(xmlWorkitem('Grün'), 'latin1'), /UTF-8/],
      ['XML that says it is Latin-1', XML, xml.replace('UTF-8', 'ISO-8859-1'), /UTF-8/],
      ['XML that ends early', XML, xml.slice(0, -3), /XML/],
      ['XML with another root', XML, xml.replaceAll('NativeDicomModel', 'Dataset'), /NativeDicomModel/],
      ['XML of another namespace', XML, xml.replace('PS3.19', 'PS3.20'), /namespace/],
      ['XML with a document type', XML, xml.replace('?>', '?><!DOCTYPE NativeDicomModel>'), /DOCTYPE/],
      ['XML with entities', XML, xml.replace('?>', `?>${lol}`).replace('>no<', '>&b;<'), /DOCTYPE/],
      [
        'XML with an external entity',
        XML,
        xml.replace('?>', '?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>').replace('>no<', '>&a;<'),
        /DOCTYPE/,
      ],
      ['XML with an entity that is not declared', XML, xml.replace('>no<', '>&a;<'), /XML/],
      ['XML with a processing instruction', XML, xml.replace('?>', '?><?php x ?>'), /processing instruction/],
      ['XML that is JSON', XML, json, /XML/],
      ['multipart without a boundary', 'multipart/related; type="application/dicom+xml"', multipart(xml), /boundary/],
      ['multipart with another boundary', MULTIPART_XML, multipart(xml, undefined, 'c'), /boundary/],
      ['multipart that ends in its part', MULTIPART_XML, multipart(xml).slice(0, -40), /closing delimiter/],
      [
        'multipart that ends before its end',
        MULTIPART_XML,
        multipart(xml).replace('--b--', '--b'),
        /closing delimiter/,
      ],
      ['multipart without a part', MULTIPART_XML, '--b--\r\n', /part/],
      ['multipart of two', MULTIPART_XML, multipart(xml).replace('--b--\r\n', multipart(xml)), /2 parts/],
    ]
    for (const [name, type, body, detail] of unreadable) {
      it(name, async () => {
        await expectRefused('malformedPayload', type, body, { detail })
      })
    }

    const secrets: readonly [string, string, string][] = [
      ['JSON', DICOM_JSON, '{"00100010":{"vr":"PN","Value":[{"Alphabetic":"Secret^Name"}]},oops}'],
      ['JSON that ends early', DICOM_JSON, '{"00100010":{"vr":"PN","Value":["Secret^Name'],
      ['a bare text in JSON', DICOM_JSON, 'Secret^Name'],
      ['XML', XML, '<NativeDicomModel><DicomAttribute tag="00100010" vr="PN"><Value>Secret^Name</DicomAttribute>'],
      ['text between XML elements', XML, '<NativeDicomModel>Secret^Name</NativeDicomModel>'],
      ['an XML attribute', XML, '<NativeDicomModel a="Secret^Name" a="b"/>'],
    ]
    for (const [name, type, body] of secrets) {
      it(`${name}, without repeating what was in it`, async () => {
        const answer = await expectRefused('malformedPayload', type, body)
        expect(answer.text).not.to.include('Secret')
      })
    }
  })

  describe('Nesting', () => {
    it('of 64 sequences is accepted, in JSON and in XML, and nothing of it is lost', async () => {
      await expectCreated(await create(DICOM_JSON, deepJson(64)), 'deep')
      const fromJson = (await retrieved(service.aet(), `1.2.41.${last}`))['0040A730']
      expect(JSON.stringify({ '0040A730': fromJson })).to.equal(nestedJson(64))
      await expectCreated(await create(XML, deepXml(64)), 'deep')
      expect((await retrieved(service.aet(), `1.2.41.${last}`))['0040A730']).to.deep.equal(fromJson)
    })

    it('of 65 is refused, in JSON and in XML', async () => {
      await expectRefused('malformedPayload', DICOM_JSON, deepJson(65), { detail: /64 levels/ })
      await expectRefused('malformedPayload', XML, deepXml(65), { detail: /64 levels/ })
    })
  })

  describe('Size', () => {
    it('of 5 MiB is accepted, of one byte more is 413', async () => {
      await expectCreated(await create(DICOM_JSON, padded(LIMIT)), 'big')
      const answer = await expectRefused('payloadTooLarge', DICOM_JSON, padded(LIMIT + 1), { detail: /5242880 bytes/ })
      expect(answer.headers.get('location')).to.equal(null)
    })

    it('is 413 in chunks too', async () => {
      const chunks = Array.from({ length: 6 }, () => ' '.repeat(MEBI))
      const headers = { 'Content-Type': DICOM_JSON }
      const path = '/aets/WORKLIST/rs/workitems'
      const answer = await unchanged(service, [], () =>
        wire({ port: service.port, path, method: 'POST', headers, chunks }),
      )
      expectRefusal(answer, service.aet(), 'payloadTooLarge')
    })

    it('is refused on every route that takes a dataset', async () => {
      const uid = nextUid()
      expect((await post(`${url}?${uid}`, jsonWorkitem('x'))).status).to.equal(201)
      const big = ' '.repeat(LIMIT + 1)
      const tries = [
        () => post(`${url}/${uid}`, big),
        () => put(`${url}/${uid}/state`, big),
        () => post(`${url}/${uid}/cancelrequest`, big),
      ]
      for (const attempt of tries) {
        expectRefusal(await unchanged(service, [uid], attempt), service.aet(), 'payloadTooLarge')
      }
    })

    it('is told from a Content-Length beyond 32 bits at once, before anything is read', async () => {
      const head = 'POST /aets/WORKLIST/rs/workitems HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n'
      const received = await rawExchange(
        service.port,
        `${head}Content-Type: ${DICOM_JSON}\r\nContent-Length: 4294967299\r\n\r\n`,
      )
      expect(statusesIn(received)).to.deep.equal([413])
    })

    it('is an option', async () => {
      const small = await startService({ bodyLimit: 1_000 })
      try {
        const target = `${small.aet()}/workitems`
        expectRefusal(await post(target, sampleText('ai-triage')), small.aet(), 'payloadTooLarge', {
          detail: /1000 bytes/,
        })
        expect((await post(target, jsonWorkitem('small'))).status).to.equal(201)
      } finally {
        await small.stop()
      }
    })
  })
})
