/** Which cluster, and who asks it. */
export interface ElasticsearchSettings {
  /** `http(s)://host:port`, without a user. */
  readonly nodes: readonly string[]
  readonly username?: string
  /** A function is asked again when the cluster does not accept what it gave. */
  readonly password?: string | (() => string)
  /** Instead of a user. */
  readonly apiKey?: string | (() => string)
  /** Certificates of the authorities that are trusted, PEM. Default: those of the system. */
  readonly ca?: string
  /** In front of the names of indices. Default: `archive-ups-`. */
  readonly prefix?: string
}

/** Value of the header; undefined: nobody in particular asks. Secrets that are functions are asked now. */
export function authorizationOf({ username, password, apiKey }: ElasticsearchSettings): string | undefined {
  if (apiKey !== undefined) return `ApiKey ${valueOf(apiKey)}`
  if (username === undefined) return undefined
  return `Basic ${Buffer.from(`${username}:${valueOf(password ?? '')}`).toString('base64')}`
}

const valueOf = (secret: string | (() => string)): string => (typeof secret === 'string' ? secret : secret())
