/** Requests as clients send them. */

export const DICOM_JSON = 'application/dicom+json'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly dicomStatus?: string
  readonly attributes?: readonly { readonly path: string; readonly keyword?: string; readonly reason: string }[]
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON. */
  json(): unknown
  /** The body as problem details; throws when it is none. */
  problem(): Problem
}

export interface Send {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** A text as it is, or a document to write as JSON. */
  readonly body?: string | Uint8Array<ArrayBuffer> | object
}

export async function send(url: string, { method = 'GET', headers = {}, body }: Send = {}): Promise<Answer> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array
  const response = await fetch(url, {
    method,
    headers: body === undefined ? headers : { 'Content-Type': DICOM_JSON, ...headers },
    ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: () => JSON.parse(text) as unknown,
    problem: () => {
      const type = response.headers.get('content-type')
      if (type !== 'application/problem+json') throw new Error(`no problem details, but ${type}: ${text}`)
      return JSON.parse(text) as Problem
    },
  }
}

export const post = (url: string, body?: Send['body'], headers?: Send['headers']): Promise<Answer> =>
  send(url, { method: 'POST', ...(body === undefined ? {} : { body }), ...(headers ? { headers } : {}) })

export const put = (url: string, body?: Send['body'], headers?: Send['headers']): Promise<Answer> =>
  send(url, { method: 'PUT', ...(body === undefined ? {} : { body }), ...(headers ? { headers } : {}) })
