/** The house (CONTRIBUTING.md): who may import whom, no cycles, and nothing impure in the pure rooms. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const PLUGIN = fileURLToPath(new URL('../plugin/', import.meta.url))

interface Import {
  readonly from: string
  /** Path below plugin/, or the name of a package. */
  readonly to: string
  readonly isPackage: boolean
  /** Erased before it runs. */
  readonly isType: boolean
}

const files = readdirSync(PLUGIN, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !path.endsWith('.d.ts'),
)
const sourceOf = (file: string): string => readFileSync(join(PLUGIN, file), 'utf8')

const IMPORT = /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm

const imports: readonly Import[] = files.flatMap((from) =>
  [...sourceOf(from).matchAll(IMPORT)].map(([, type, source, bare]) => {
    const specifier = source ?? bare ?? ''
    const isPackage = !specifier.startsWith('.')
    const to = isPackage ? specifier : relative(PLUGIN, join(PLUGIN, dirname(from), specifier))
    return { from, to, isPackage, isType: type !== undefined }
  }),
)

/** A folder, or a file that stands beside the folders. */
const roomOf = (path: string): string => (path.startsWith('..') ? path : (path.split('/')[0] ?? ''))

const ENTRANCE = ['errors.ts', 'host.ts']

/** From each room, the rooms that it may see beside itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  dicom: [],
  ups: ['dicom', '../schema/attribute-table.json'],
  store: ['ups', 'dicom', 'errors.ts'],
  feed: ['store', 'ups', 'dicom', 'errors.ts'],
  worklist: ['store', 'ups', 'dicom', ...ENTRANCE],
  config: ['ups', 'dicom', 'errors.ts'],
  events: ['store', 'ups', 'dicom', ...ENTRANCE],
  search: ['worklist', 'feed', 'store', 'ups', 'dicom', '../schema/elasticsearch/workitem-v1.json', ...ENTRANCE],
  http: ['worklist', 'store', 'config', 'ups', 'dicom', ...ENTRANCE],
  graphql: ['worklist', 'store', 'feed', 'config', 'ups', 'dicom', ...ENTRANCE],
  'errors.ts': [],
  'host.ts': [],
  'in-flight.ts': [],
  'metrics.ts': ['worklist', 'events', 'search', 'graphql', 'ups'],
  'directories.ts': ['config', 'options.ts'],
  'check-configuration.ts': ['config', 'directories.ts', 'options.ts'],
  'configuration-events.ts': ['config', 'metrics.ts', ...ENTRANCE],
  'option-checks.ts': ['errors.ts'],
  'graphql-options.ts': ['graphql', 'option-checks.ts'],
  'options.ts': ['config', 'search', 'graphql', 'graphql-options.ts', 'option-checks.ts', 'store', 'ups', ...ENTRANCE],
  'plugin.ts': [
    'http',
    'graphql',
    'events',
    'search',
    'feed',
    'worklist',
    'store',
    'config',
    'ups',
    'dicom',
    'in-flight.ts',
    'metrics.ts',
    'configuration-events.ts',
    'directories.ts',
    'options.ts',
    ...ENTRANCE,
  ],
  'index.ts': [
    'plugin.ts',
    'search',
    'check-configuration.ts',
    'graphql-options.ts',
    'options.ts',
    'worklist',
    'store',
    'config',
    'ups',
    'dicom',
    ...ENTRANCE,
  ],
  standalone: ['index.ts', 'options.ts'],
}

describe('The house', () => {
  it('has no room that is not in the plan', () => {
    expect([...new Set(files.map(roomOf))].toSorted()).to.deep.equal(Object.keys(MAY_IMPORT).toSorted())
  })

  it('lets each room see only the rooms below it', () => {
    const wrong = imports.filter(({ from, to, isPackage }) => {
      const [here, there] = [roomOf(from), roomOf(to)]
      return !isPackage && here !== there && !MAY_IMPORT[here]?.includes(there)
    })
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).to.deep.equal([])
  })

  it('has no import cycle', () => {
    expect(findCycle(imports.filter(({ isPackage, isType }) => !isPackage && !isType))).to.equal(undefined)
  })

  it('opens the packages of an engine or an edge in its own room only', () => {
    const ROOMS_OF: Readonly<Record<string, string | readonly string[]>> = {
      'node:sqlite': 'store',
      dcmjs: 'dicom',
      saxes: 'dicom',
      'koa-body': 'http',
      '@koa/router': 'http',
      commander: 'standalone',
      pino: 'standalone',
      'prom-client': 'metrics.ts',
      ldapts: 'config',
      ws: ['events', 'graphql'],
      '@elastic/elasticsearch': 'search',
      graphql: 'graphql',
      'graphql-yoga': 'graphql',
      'graphql-ws': 'graphql',
      dataloader: 'graphql',
      '@graphql-yoga': 'graphql',
    }
    /** `graphql-ws/use/ws` is of graphql-ws; of @graphql-yoga all packages are meant. */
    const packageOf = (to: string): string => {
      if (to.startsWith('node:')) return to
      const [scope = '', name = ''] = to.split('/')
      return scope.startsWith('@') && scope !== '@graphql-yoga' ? `${scope}/${name}` : scope
    }
    const wrong = imports.filter(({ from, to, isPackage }) => {
      const name = packageOf(to)
      return isPackage && ROOMS_OF[name] !== undefined && ![ROOMS_OF[name]].flat().includes(roomOf(from))
    })
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).to.deep.equal([])
  })
})

describe('The pure rooms, dicom/ and ups/', () => {
  const pure = files.filter((file) => ['dicom', 'ups'].includes(roomOf(file)))

  it('import no part of the outside world', () => {
    const allowed = new Set(['dcmjs/dictionary', 'saxes', 'node:buffer'])
    const wrong = imports.filter(({ from, to, isPackage }) => isPackage && pure.includes(from) && !allowed.has(to))
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).to.deep.equal([])
  })

  const IMPURE: Readonly<Record<string, RegExp>> = {
    'read a clock': /\bDate\.now\b|\bnew Date\(\)|\bperformance\b/,
    'throw dice': /\bMath\.random\b|\brandomUUID\b|\bcrypto\b/,
    'do anything later': /\basync\b|\bawait\b|\bPromise\b|\bsetTimeout\b|\bsetImmediate\b/,
    'speak to the outside': /\bprocess\b|\bconsole\b|\bfetch\b|\bglobalThis\b/,
    'keep state of a module': /^(?:export )?let /m,
  }
  for (const [what, pattern] of Object.entries(IMPURE)) {
    it(`do not ${what}`, () => {
      const wrong = pure.filter((file) => pattern.test(withoutComments(sourceOf(file))))
      expect(wrong).to.deep.equal([])
    })
  }
})

describe('The rules', () => {
  it('ask for a state in the state table and nowhere else', () => {
    const comparison = /state\s*[!=]==?\s*'|'\s*[!=]==?\s*\w*[sS]tate\b/
    const wrong = files.filter((file) => comparison.test(withoutComments(sourceOf(file))))
    expect(wrong).to.deep.equal([])
  })

  it('have their numbers and wordings in the catalogues and nowhere else', () => {
    const status = /\bstatus(?:Code)?\s*[:=]\s*\d{3}\b|\b0x[cC]3\d\d\b/
    const catalogues = ['ups/statuses.ts', 'http/http-statuses.ts', 'graphql/error-codes.ts']
    const wrong = files.filter((file) => !catalogues.includes(file) && status.test(withoutComments(sourceOf(file))))
    expect(wrong).to.deep.equal([])
  })
})

const withoutComments = (source: string): string => source.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$|\s\/\/ .*$/gm, '')

/** The first cycle found, as `a -> b -> a`. */
function findCycle(edges: readonly Import[]): string | undefined {
  const to = Map.groupBy(edges, ({ from }) => from)
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): string | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(' -> ')
    if (done.has(file)) return undefined
    for (const edge of to.get(file) ?? []) {
      const cycle = visit(edge.to, [...path, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of to.keys()) {
    const cycle = visit(file, [])
    if (cycle) return cycle
  }
  return undefined
}
