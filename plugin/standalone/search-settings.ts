/** Which engine of search, and how it is spoken to. */
import { type ElasticsearchSettings, UpsError } from '../index.ts'
import { FLAGS, type FlagKey, SEARCH_API_KEY_VARIABLE, SEARCH_FLAGS, SEARCH_PASSWORD_VARIABLE } from './flags.ts'
import { bad, type GivenFlags, readFile, readText, secretFile, type Variables } from './given.ts'

/** @throws UpsError UPS_BAD_OPTION that names the flag */
export function searchSettings(given: GivenFlags, variables: Variables): 'embedded' | ElasticsearchSettings {
  const search = readText('search', given, variables) ?? FLAGS.search.default
  if (search === 'embedded') {
    refuseWithoutCluster(given, variables)
    return search
  }
  const username = readText('searchUser', given, variables)
  const ca = readText('searchCa', given, variables)
  const password = secretOf('searchPasswordFile', SEARCH_PASSWORD_VARIABLE, given, variables)
  const apiKey = secretOf('searchApiKeyFile', SEARCH_API_KEY_VARIABLE, given, variables)
  refuseUnclear(username, password, apiKey)
  return {
    nodes: search.split(',').map(nodeOf),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(ca === undefined ? {} : { ca: readFile('searchCa', ca) }),
  }
}

type Secret = string | (() => string)

function secretOf(file: FlagKey, variable: string, given: GivenFlags, variables: Variables): Secret | undefined {
  const path = readText(file, given, variables)
  return path === undefined ? variables[variable] || undefined : secretFile(file, path)
}

/** What may be a password is not repeated. */
function nodeOf(text: string): string {
  const url = URL.parse(text.trim())
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw bad('search', text.replace(/\/\/.*@/, '//...@'), 'embedded, or URLs such as https://search.example:9200')
  }
  if (url.username !== '' || url.password !== '') {
    throw bad('search', url.host, `no user in the URL; ${FLAGS.searchUser.name} is for it`)
  }
  return text.trim()
}

function refuseUnclear(username: string | undefined, password: Secret | undefined, apiKey: Secret | undefined): void {
  if (apiKey !== undefined && (username !== undefined || password !== undefined)) {
    throw new UpsError('UPS_BAD_OPTION', 'There is a user of the search cluster and an API key; expected one of them.')
  }
  if (password !== undefined && username === undefined) {
    throw new UpsError(
      'UPS_BAD_OPTION',
      `There is a password of the search cluster, but no ${FLAGS.searchUser.name} (${FLAGS.searchUser.variable}).`,
    )
  }
}

function refuseWithoutCluster(given: GivenFlags, variables: Variables): void {
  const named = SEARCH_FLAGS.filter((key) => given[key] !== undefined || variables[FLAGS[key].variable])
  const [what] = [
    ...named.map((key) => `${FLAGS[key].name} (${FLAGS[key].variable})`),
    ...[SEARCH_PASSWORD_VARIABLE, SEARCH_API_KEY_VARIABLE].filter((variable) => variables[variable]),
  ]
  if (what === undefined) return
  throw new UpsError('UPS_BAD_OPTION', `${what} is for a search cluster, and ${FLAGS.search.name} names none.`)
}
