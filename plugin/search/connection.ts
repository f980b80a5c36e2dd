/**
 * A connection to a node whose errors say by which code they were caused: the client keeps no more of a cause than its message,
 * which names the host, or nothing at all.
 */
import { UndiciConnection } from '@elastic/elasticsearch'

export class TellingConnection extends UndiciConnection {
  constructor(...options: ConstructorParameters<typeof UndiciConnection>) {
    super(...options)
    const request = this.pool.request.bind(this.pool)
    this.pool.request = async (...asked: Parameters<typeof request>) => {
      try {
        return await request(...asked)
      } catch (error) {
        throw told(error)
      }
    }
  }
}

/** The client makes it an error of its own, with the same message. */
function told(error: unknown): unknown {
  const code = innermostCode(error)
  return code === undefined || UNDERSTOOD.has(code) ? error : new Error(code)
}

/** The client knows these itself: somebody did not want to wait longer. */
const UNDERSTOOD: ReadonlySet<string> = new Set(['UND_ERR_ABORTED', 'UND_ERR_HEADERS_TIMEOUT'])

function innermostCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code } = error as { readonly code?: unknown }
  return innermostCode(error.cause) ?? (isCode(code) ? code : undefined)
}

/** `ECONNREFUSED`, `SELF_SIGNED_CERT_IN_CHAIN`: it says nothing of whom was asked, or for what. */
export const isCode = (text: unknown): text is string =>
  typeof text === 'string' && /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(text)
