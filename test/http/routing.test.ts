import { expect } from 'chai'
import { temporaryFolder } from '../support/folder.ts'
import { type Answer, post, put, send } from '../support/http.ts'
import { type Service, startService } from '../support/service.ts'
import { sampleText, stateChange } from '../support/workitems.ts'
import { aeEntry, writeDirectory } from './directory.ts'
import { expectRefusal, unchanged } from './refusal.ts'
import { wire } from './wire.ts'

const UID = '1.2.3'

describe('Routing', () => {
  let service: Service
  before(async () => {
    service = await startService()
    expect((await post(`${service.aet()}/workitems?${UID}`, sampleText('ai-triage'))).status).to.equal(201)
  })
  after(() => service.stop())

  const at = (path: string, method = 'GET', headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    wire({ port: service.port, path, method, headers })

  /** Every route of this version below an AE, with a request that would do something. */
  const routes: readonly [string, string][] = [
    ['POST', '/workitems'],
    ['GET', '/workitems'],
    ['GET', '/workitems/count'],
    ['GET', `/workitems/${UID}`],
    ['POST', `/workitems/${UID}`],
    ['PUT', `/workitems/${UID}`],
    ['PUT', `/workitems/${UID}/state`],
    ['PUT', `/workitems/${UID}/state/TMS`],
    ['POST', `/workitems/${UID}/cancelrequest`],
    ['POST', `/workitems/${UID}/cancelrequest/TMS`],
    ['OPTIONS', ''],
    ['OPTIONS', '/workitems'],
    ['OPTIONS', `/workitems/${UID}`],
  ]

  describe('The AE', () => {
    for (const [method, path] of routes) {
      it(`is 404 when nobody has the title, before the payload is looked at: ${method} ${path}`, async () => {
        const answer = await unchanged(service, [UID], () => at(`/aets/NOBODY/rs${path}`, method))
        expectRefusal(answer, service.aet('NOBODY'), 'unknownAE', { detail: /NOBODY/ })
      })

      it(`is 0115 when it is no AE title: ${method} ${path}`, async () => {
        const answer = await unchanged(service, [UID], () => at(`/aets/SEVENTEEN_LETTERS/rs${path}`, method))
        expect(answer.status).to.equal(400)
        expect(answer.problem()).to.include({ type: 'urn:archive-ups:problem:invalidArgument', dicomStatus: '0115' })
        expect(answer.problem().detail).to.match(/AE title in the path.*"SEVENTEEN_LETTERS".*1 to 16 characters/)
      })
    }

    for (const [encoded, title] of [
      ['A%5CB', 'A\\B'],
      ['A%0D%0AB', 'A\r\nB'],
      ['%C3%84', 'Ä'],
      ['%20%20', '  '],
      ['%00', '\0'],
      ['A%7F', 'A\x7f'],
    ] as const) {
      it(`is checked after it is percent-decoded: ${encoded}`, async () => {
        const answer = await at(`/aets/${encoded}/rs/workitems`)
        expect(answer.status).to.equal(400)
        expect(answer.problem()).to.include({ dicomStatus: '0115' })
        expect(answer.problem().detail).to.include(JSON.stringify(title))
        expect(answer.headers.get('warning')).to.match(
          /^299 [\x21-\x7e]+: An argument of the request has an invalid value\.$/,
        )
      })
    }

    for (const bad of ['%ZZ', '%', '%E4', 'A%', '%C3%28']) {
      it(`is 400 when it is not percent-encoded correctly: ${bad}`, async () => {
        expect((await at(`/aets/${bad}/rs/workitems`)).status).to.equal(400)
      })
    }

    it('may be percent-encoded where it need not be', async () => {
      expect((await at(`/aets/WORKL%49ST/rs/workitems/${UID}`)).status).to.equal(200)
      expect((await at(`/aets/%57%4F%52%4B%4C%49%53%54/rs/workitems/${UID}`)).status).to.equal(200)
    })

    it('is decoded once', async () => {
      const answer = await at('/aets/WORKL%2549ST/rs/workitems')
      expectRefusal(answer, `${service.url}/aets/WORKL%2549ST/rs`, 'unknownAE', { detail: /WORKL%49ST/ })
    })

    it('is compared with case', async () => {
      expectRefusal(await at('/aets/worklist/rs/workitems'), service.aet('worklist'), 'unknownAE')
    })

    it('answers under its other titles too', async () => {
      for (const title of ['RADONC', 'LINAC', 'RADONC_TEST']) {
        expect((await at(`/aets/${title}/rs/workitems/${UID}`)).status).to.equal(200)
      }
    })

    describe('of another directory', () => {
      const folder = temporaryFolder()
      let other: Service
      before(async () => {
        const config = writeDirectory(folder.path, [
          aeEntry('ONE', 'dcmOtherAETitle: SHARED'),
          aeEntry('OFF', 'dicomInstalled: FALSE', 'dcmOtherAETitle: OFF_TOO'),
          aeEntry('A B/C'),
          aeEntry('*'),
        ])
        other = await startService({ config })
      })
      after(async () => {
        await other.stop()
        folder.remove()
      })

      it('is 404 when it is not installed, and is named; nobody answers in its place', async () => {
        for (const title of ['OFF', 'OFF_TOO']) {
          expectRefusal(await send(`${other.aet(title)}/workitems`), other.aet(title), 'unknownAE', {
            detail: new RegExp(`${title}.*not installed`),
          })
        }
      })

      it('is the AE * for every other title', async () => {
        const answer = await post(`${other.aet('ANYBODY')}/workitems?1.2.4`, sampleText('minimal'))
        expect(answer.status).to.equal(201)
        expect(answer.headers.get('location')).to.equal(`${other.aet('ANYBODY')}/workitems/1.2.4`)
        const loaded = await other.store.load('1.2.4')
        expect(loaded.is === 'there' && loaded.workitem.receivingAE).to.equal('*')
      })

      it('may have a title that has to be percent-encoded', async () => {
        const answer = await post(`${other.aet('A B/C')}/workitems?1.2.5`, sampleText('minimal'))
        expect(answer.status).to.equal(201)
        expect(answer.headers.get('location')).to.equal(`${other.url}/aets/A%20B%2FC/rs/workitems/1.2.5`)
        expect((await send(answer.headers.get('location') ?? '')).status).to.equal(200)
      })
    })

    it('is 404 for all of a device that is not installed', async () => {
      const folder = temporaryFolder()
      const config = writeDirectory(folder.path, [aeEntry('ONE')], 'dicomInstalled: FALSE')
      const off = await startService({ config })
      try {
        expectRefusal(await send(`${off.aet('ONE')}/workitems`), off.aet('ONE'), 'unknownAE', {
          detail: /ONE.*not installed/,
        })
      } finally {
        await off.stop()
        folder.remove()
      }
    })
  })

  describe('The Workitem UID in the path', () => {
    for (const [encoded, uid] of [
      ['1.02', '1.02'],
      ['1..2', '1..2'],
      ['1.2.', '1.2.'],
      ['abc', 'abc'],
      [`1.${'2'.repeat(63)}`, `1.${'2'.repeat(63)}`],
      ['1.2%203', '1.2 3'],
      ['1.2%2F3', '1.2/3'],
      ['1.2%0D%0AX', '1.2\r\nX'],
      ['%D9%A1', '١'],
    ] as const) {
      for (const [method, suffix] of [
        ['GET', ''],
        ['POST', ''],
        ['PUT', '/state'],
        ['POST', '/cancelrequest'],
      ] as const) {
        it(`is 0115 when it is none: ${method} ${encoded}${suffix}`, async () => {
          const headers = { 'Content-Type': 'application/dicom+json' }
          const path = `/aets/WORKLIST/rs/workitems/${encoded}${suffix}`
          const body = method === 'GET' ? {} : { body: '{}' }
          const answer = await unchanged(service, [], () =>
            wire({ port: service.port, path, method, headers, ...body }),
          )
          expectRefusal(answer, service.aet(), 'invalidArgument')
          expect(answer.problem().detail)
            .to.include(JSON.stringify(uid))
            .and.to.match(/Workitem UID in the path.*expected a UID/)
        })
      }
    }

    for (const bad of ['%ZZ', '1.2%', '%E4']) {
      it(`is 400 when it is not percent-encoded correctly: ${bad}`, async () => {
        expect((await at(`/aets/WORKLIST/rs/workitems/${bad}`)).status).to.equal(400)
      })
    }

    it('may be percent-encoded', async () => {
      expect((await at('/aets/WORKLIST/rs/workitems/1%2E2%2e%33')).status).to.equal(200)
    })

    it('is 404, C307, when there is no such workitem', async () => {
      expectRefusal(await at('/aets/WORKLIST/rs/workitems/1.2.4'), service.aet(), 'notFound')
    })
  })

  describe('405 with Allow', () => {
    const resources: readonly [string, readonly string[]][] = [
      ['/aets/WORKLIST/rs', ['OPTIONS']],
      ['/aets/WORKLIST/rs/workitems', ['GET', 'HEAD', 'POST', 'OPTIONS']],
      ['/aets/WORKLIST/rs/workitems/count', ['GET', 'HEAD', 'OPTIONS']],
      [`/aets/WORKLIST/rs/workitems/${UID}`, ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS']],
      [`/aets/WORKLIST/rs/workitems/${UID}/state`, ['PUT', 'OPTIONS']],
      [`/aets/WORKLIST/rs/workitems/${UID}/state/TMS`, ['PUT', 'OPTIONS']],
      [`/aets/WORKLIST/rs/workitems/${UID}/cancelrequest`, ['POST', 'OPTIONS']],
      [`/aets/WORKLIST/rs/workitems/${UID}/cancelrequest/TMS`, ['POST', 'OPTIONS']],
      ['/ctrl/config', ['GET', 'HEAD']],
      ['/healthz', ['GET', 'HEAD']],
      ['/readyz', ['GET', 'HEAD']],
    ]
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'TRACE']
    for (const [path, allowed] of resources) {
      it(path, async () => {
        for (const method of methods.filter((name) => !allowed.includes(name))) {
          const answer = await unchanged(service, [UID], () => at(path, method))
          const allow = answer.headers.get('allow')?.split(', ')
          expect(allow, method).to.have.members([...allowed])
          if (method === 'HEAD') expect(answer.status).to.equal(405)
          else {
            const base = path.startsWith('/aets') ? service.aet() : service.url
            expectRefusal(answer, base, 'methodNotAllowed', { detail: new RegExp(`${method}.*${allowed.at(-1)}`) })
          }
        }
      })
    }

    it('is not said of what is allowed', async () => {
      for (const [path, allowed] of resources) {
        for (const method of allowed) expect((await at(path, method)).status, `${method} ${path}`).not.to.equal(405)
      }
    })
  })

  describe('OPTIONS', () => {
    const WADL = 'application/vnd.sun.wadl+xml'
    const choices: readonly [string | undefined, string][] = [
      [undefined, WADL],
      ['*/*', WADL],
      [WADL, WADL],
      ['application/*', WADL],
      ['application/json', 'application/json'],
      ['application/json, application/vnd.sun.wadl+xml;q=0.5', 'application/json'],
      ['application/vnd.sun.wadl+xml;q=0.1, application/json', 'application/json'],
      ['application/vnd.sun.wadl+xml;q=0, application/json;q=0.1', 'application/json'],
      ['application/json;q=0, */*', WADL],
      ['image/jpeg, application/json;q=0.1', 'application/json'],
    ]
    for (const path of ['/aets/WORKLIST/rs', '/aets/WORKLIST/rs/workitems']) {
      for (const [accept, type] of choices) {
        it(`of ${path} answers ${accept ?? 'no Accept'} with ${type}`, async () => {
          const answer = await at(path, 'OPTIONS', accept === undefined ? {} : { Accept: accept })
          expect(answer.status).to.equal(200)
          expect(answer.headers.get('content-type')?.split(';')[0]).to.equal(type)
          expect(answer.headers.get('allow')?.split(', ')).to.include('OPTIONS')
          if (type === WADL)
            expect(answer.text).to.match(
              /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*<application xmlns="http:\/\/wadl\./,
            )
          else expect(answer.json()).to.be.an('object')
        })
      }

      it(`of ${path} refuses what it has not with 406`, async () => {
        for (const accept of ['image/jpeg', 'application/json;q=0']) {
          expectRefusal(await at(path, 'OPTIONS', { Accept: accept }), service.aet(), 'notAcceptable', {
            detail: /wadl\+xml.*application\/json/,
          })
        }
      })
    }

    it('describes every resource with its methods, and the base URI', async () => {
      const wadl = (await at('/aets/WORKLIST/rs', 'OPTIONS')).text
      expect(wadl).to.include(`<resources base="${service.aet()}">`)
      for (const path of [
        'workitems',
        'workitems/count',
        'workitems/{workitem}',
        'workitems/{workitem}/state',
        'workitems/{workitem}/cancelrequest',
      ]) {
        expect(wadl).to.include(`path="${path}"`)
      }
      for (const method of ['GET', 'POST', 'PUT']) expect(wadl).to.include(`name="${method}"`)
      const json = (await at('/aets/WORKLIST/rs', 'OPTIONS', { Accept: 'application/json' })).text
      for (const text of [
        service.aet(),
        '/workitems/{workitem}/state',
        'application/dicom+json',
        'includefield',
        'orderby',
      ])
        expect(json).to.include(text)
    })

    it('of the other resources names what is allowed', async () => {
      for (const [path, allow] of [
        [`/workitems/${UID}`, ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS']],
        [`/workitems/${UID}/state`, ['PUT', 'OPTIONS']],
        [`/workitems/${UID}/cancelrequest`, ['POST', 'OPTIONS']],
      ] as const) {
        const answer = await at(`/aets/WORKLIST/rs${path}`, 'OPTIONS')
        expect(answer.status).to.be.oneOf([200, 204])
        expect(answer.headers.get('allow')?.split(', ')).to.have.members([...allow])
      }
    })
  })

  it('answers HEAD as GET, without the payload', async () => {
    for (const path of [
      `/aets/WORKLIST/rs/workitems/${UID}`,
      '/aets/WORKLIST/rs/workitems',
      '/healthz',
      '/readyz',
      '/ctrl/config',
    ]) {
      const [head, get] = [await at(path, 'HEAD'), await at(path)]
      expect(head.status, path).to.equal(get.status)
      expect(head.text).to.equal('')
      expect(head.headers.get('content-type')).to.equal(get.headers.get('content-type'))
    }
    const missing = await at('/aets/WORKLIST/rs/workitems/1.2.4', 'HEAD')
    expect(missing.status).to.equal(404)
    expect(missing.headers.get('warning')).to.match(/The Workitem does not exist\.$/)
  })

  describe('404 of what is no resource', () => {
    const paths = [
      '/',
      '/aets',
      '/aets/WORKLIST',
      '/aets/WORKLIST/workitems',
      '/aets/WORKLIST/rs/workitem',
      '/aets/WORKLIST/rs/Workitems',
      '/aets//rs/workitems',
      `//aets/WORKLIST/rs/workitems/${UID}`,
      `/aets/WORKLIST/rs/workitems/${UID}/states`,
      `/aets/WORKLIST/rs/workitems/${UID}/state/A/B`,
      '/AETS/WORKLIST/rs/workitems',
      '/ctrl',
      '/ctrl/configuration',
      '/favicon.ico',
      '/..%2f..%2fetc/passwd',
    ]
    for (const path of paths) {
      it(path, async () => {
        for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']) {
          const answer = await unchanged(service, [UID], () => at(path, method))
          expect(answer.status, method).to.equal(404)
          expect(answer.problem()).to.include({ type: 'urn:archive-ups:problem:unknownResource', status: 404 })
          expect(answer.problem().detail).to.include(JSON.stringify(path))
        }
      })
    }

    it('has no query in it: a Transaction UID may stand there', async () => {
      const answer = await at('/nowhere?transaction-uid=1.2.3.4.5')
      expect(answer.status).to.equal(404)
      expect(answer.text).not.to.include('1.2.3.4.5').and.not.to.include('transaction')
    })
  })

  it('gives every answer a correlation id of its own, whatever the client sends', async () => {
    const ids = new Set<string | null>()
    for (const path of ['/healthz', '/nowhere', '/aets/NOBODY/rs/workitems', `/aets/WORKLIST/rs/workitems/${UID}`]) {
      const answer = await at(path, 'GET', { 'X-Request-Id': 'mine' })
      expect(answer.headers.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/)
      ids.add(answer.headers.get('x-request-id'))
    }
    expect(ids.size).to.equal(4)
  })

  describe('The prefix', () => {
    let prefixed: Service
    before(async () => {
      prefixed = await startService({ prefix: '/dcm4chee-arc' })
    })
    after(() => prefixed.stop())

    it('stands in front of everything, and in every URL that is answered', async () => {
      const answer = await post(`${prefixed.url}/dcm4chee-arc/aets/WORKLIST/rs/workitems?1.2.3`, sampleText('minimal'))
      expect(answer.status).to.equal(201)
      expect(answer.headers.get('location')).to.equal(`${prefixed.url}/dcm4chee-arc/aets/WORKLIST/rs/workitems/1.2.3`)
      expect(answer.headers.get('warning')).to.match(new RegExp(`^299 ${prefixed.url}/dcm4chee-arc/aets/WORKLIST/rs: `))
      const found = (await send(`${prefixed.aet()}/workitems`)).json()
      expect(found).to.have.nested.property('[0].00081190.Value[0]', answer.headers.get('location'))
      expect((await put(`${prefixed.aet()}/workitems/1.2.3/state`, stateChange('IN PROGRESS'))).status).to.equal(200)
      for (const path of ['healthz', 'readyz', 'ctrl/config']) {
        expect((await send(`${prefixed.url}/dcm4chee-arc/${path}`)).status, path).to.equal(200)
      }
    })

    it('is needed', async () => {
      for (const path of ['/aets/WORKLIST/rs/workitems', '/healthz', '/dcm4chee-arcade/healthz', '/']) {
        const answer = await send(`${prefixed.url}${path}`)
        expectRefusal(answer, `${prefixed.url}/dcm4chee-arc`, 'unknownResource')
      }
    })

    it('may end in a slash', async () => {
      const slash = await startService({ prefix: '/worklist/v1/' })
      try {
        expect((await send(`${slash.url}/worklist/v1/healthz`)).status).to.equal(200)
        expect((await send(`${slash.url}/worklist/v1/aets/WORKLIST/rs/workitems`)).status).to.equal(204)
      } finally {
        await slash.stop()
      }
    })
  })

  describe('Control', () => {
    it('GET /ctrl/config gives the effective configuration, and where each value comes from', async () => {
      const answer = await at('/ctrl/config')
      expect(answer.status).to.equal(200)
      expect(answer.headers.get('content-type')).to.equal('application/json')
      const report = answer.json()
      expect(report).to.have.nested.property('device.deviceName', 'archive')
      const { networkAEs } = report as { networkAEs: readonly { aeTitle: string; settings: Record<string, unknown> }[] }
      expect(networkAEs.map(({ aeTitle }) => aeTitle)).to.have.members(['WORKLIST', 'RADONC'])
      const label = (title: string): unknown =>
        networkAEs.find(({ aeTitle }) => aeTitle === title)?.settings['dcmUPSWorklistLabel']
      expect(label('WORKLIST')).to.deep.include({ value: 'WORKLIST', origin: { level: 'default' } })
      expect(label('RADONC')).to.have.nested.property('origin.level', 'ae')
      expect(label('RADONC')).to.have.nested.property('origin.dn').that.includes('dicomAETitle=RADONC')
    })

    it('GET /healthz and /readyz answer 200', async () => {
      expect((await at('/healthz')).json()).to.deep.equal({ status: 'ok' })
      expect((await at('/readyz')).json()).to.deep.equal({ status: 'ready' })
    })
  })
})
