/** What a person reads when the service starts: what it serves, where it is configured, where its data lies. */
import { resolve } from 'node:path'
import type { ConfigurationReport } from '../index.ts'
import { DEFAULTS, sqliteFile } from '../options.ts'
import type { HostSettings } from './settings.ts'

export function banner({ plugin }: HostSettings, { device, networkAEs, readAt, trouble }: ConfigurationReport): string {
  const store = typeof plugin.store === 'string' ? plugin.store : DEFAULTS.store
  const lines = [
    ['Device', device.deviceName],
    [
      'AE titles',
      networkAEs
        .filter(({ installed }) => installed)
        .map(titles)
        .join(', '),
    ],
    ['Configured in', configuredIn(plugin.config)],
    ['Data in', resolve(sqliteFile(store))],
    ['Searched in', searchedIn(plugin.search)],
    ['GraphQL', graphqlAt(plugin.graphql)],
    ['Strictness', plugin.strictness ?? DEFAULTS.strictness],
  ]
  if (trouble)
    lines.push([
      'Attention',
      `the last good configuration, of ${readAt}, is in force, since${reasons(trouble.message)}`,
    ])
  return `archive-ups: Unified Worklist (UPS-RS, GraphQL)\n${lines.map(([name, value]) => `  ${`${name}:`.padEnd(15)}${value}\n`).join('')}`
}

const searchedIn = (search: HostSettings['plugin']['search']): string =>
  typeof search === 'object' ? `Elasticsearch at ${search.nodes.join(', ')}` : 'the store itself'

function graphqlAt(graphql: HostSettings['plugin']['graphql']): string {
  if (!graphql) return 'none'
  const pages = { loopback: ', with GraphiQL for browsers on this machine', on: ', with GraphiQL', off: '' } as const
  return `at /graphql${pages[graphql.graphiql ?? 'loopback']}`
}

/** Each on a line of its own. */
const reasons = (message: string): string =>
  message
    .split('\n')
    .map((line) => `\n    ${line.trim()}`)
    .join('')

/** A URL as it is, a path from the root. */
function configuredIn(config: HostSettings['plugin']['config']): string {
  if (typeof config !== 'string') return 'the sample directory of the package'
  return config.includes('://') ? config : resolve(config)
}

function titles({ aeTitle, settings }: ConfigurationReport['networkAEs'][number]): string {
  const others = settings.dcmOtherAETitle?.value
  return Array.isArray(others) && others.length > 0 ? `${aeTitle} (also ${others.join(', ')})` : aeTitle
}
