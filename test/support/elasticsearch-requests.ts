/** Requests to an Elasticsearch as tests send them. */

const ANSWERED_WITHIN_MS = 20_000

/** What it answers, read as JSON. A user in the URL is who asks. */
export async function ask(base: string, method: string, path: string, { alsoGood = 200 } = {}): Promise<unknown> {
  const url = new URL(path, base)
  const { username, password } = url
  const user = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  url.username = ''
  url.password = ''
  const response = await fetch(url, {
    method,
    headers: username === '' ? {} : { authorization: `Basic ${user}` },
    signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
  })
  const text = await response.text()
  if (!response.ok && response.status !== alsoGood)
    throw new Error(`${method} ${path} is answered with ${response.status}: ${text}`)
  return JSON.parse(text)
}
