/**
 * One connection to an LDAP server: requests go one after the other, and after the first failure none goes at all.
 *
 * Messages are encoded by ldapts, and decoded with its BER reader. Its Client is not used, because it
 * - connects again by itself: after StartTLS in plain text, the password included, and after a bind as nobody, who may
 *   see less;
 * - takes a page without entries for the last one, whatever its cookie says, which is half a tree;
 * - waits for the handshake of StartTLS without a limit.
 */
import { once } from 'node:events'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions, type SecureContext } from 'node:tls'
import {
  BerReader,
  BindRequest,
  ControlParser,
  ExtendedRequest,
  type Filter,
  type Message,
  PagedResultsControl,
  ProtocolOperation,
  SearchRequest,
  UnbindRequest,
} from 'ldapts'
import { readEach, readText, SEQUENCE } from './ldap-ber.ts'
import type { EncodedEntry } from './ldap-entry.ts'
import {
  closedFailure,
  handshakeFailure,
  LdapFailure,
  notLdapFailure,
  referralFailure,
  RESULT,
  resultFailure,
  socketFailure,
  timeFailure,
} from './ldap-failures.ts'

export interface LdapServer {
  readonly host: string
  readonly port: number
  /** TLS from the first byte on. */
  readonly tls: boolean
  /** For TLS and StartTLS. */
  readonly secureContext: () => SecureContext
}

/** Milliseconds. */
export interface Timeouts {
  /** Until a connection stands, with `tls` its handshake included. */
  readonly connect: number
  /** Until an answer is complete: that to a bind, to StartTLS, or a page of a search. */
  readonly operation: number
}

export interface Search {
  readonly base: string
  readonly filter: Filter
  readonly attributes: readonly string[]
  /** Of the subtree below `base`, with it: all matching entries in pages of this size, or the first few. */
  readonly want: { readonly pagesOf: number } | { readonly first: number }
}

interface Answer {
  readonly entries: readonly EncodedEntry[]
  /** The final response: a BER reader before its result code. */
  readonly result: BerReader
}

interface Pending {
  readonly messageId: number
  readonly responseTag: number
  readonly entries: EncodedEntry[]
  readonly resolve: (answer: Answer) => void
  readonly reject: (failure: LdapFailure) => void
}

const START_TLS = '1.3.6.1.4.1.1466.20037'
const INTERMEDIATE_RESPONSE = 0x79
/** No message of a directory of devices comes near. */
const LARGEST_MESSAGE = 16 * 1024 * 1024

export class LdapConnection {
  readonly #server: LdapServer
  readonly #timeouts: Timeouts
  #socket: Socket
  #closed: Promise<void> = Promise.resolve()
  #received: Buffer = Buffer.alloc(0)
  #lastMessageId = 0
  #pending: Pending | undefined
  #failed: LdapFailure | undefined

  private constructor(server: LdapServer, timeouts: Timeouts, socket: Socket) {
    this.#server = server
    this.#timeouts = timeouts
    this.#socket = socket
    this.#listen()
  }

  /** @throws LdapFailure, as all that it does; the connection is to be closed then, too. */
  static async open(server: LdapServer, timeouts: Timeouts): Promise<LdapConnection> {
    const { host, port, tls } = server
    const timeout = { milliseconds: timeouts.connect, failure: timeFailure('no connection', timeouts.connect) }
    if (tls) {
      const socket = connectTls({ ...tlsOptions(server), port })
      return new LdapConnection(server, timeouts, await established(socket, 'secureConnect', timeout))
    }
    return new LdapConnection(server, timeouts, await established(connectTcp({ host, port }), 'connect', timeout))
  }

  async startTls(): Promise<void> {
    const request = new ExtendedRequest({ messageId: this.#nextMessageId(), oid: START_TLS })
    const { result } = await this.#exchange(request, ProtocolOperation.LDAP_RES_EXTENSION)
    const { code, diagnostic } = readResult(result)
    if (code !== RESULT.success) {
      const { cause } = resultFailure(code, diagnostic)
      throw new LdapFailure('unreachable', `it does not do StartTLS (${code})`, { cause, resultCode: code })
    }
    if (this.#failed) throw this.#failed
    // What came in plain text behind the answer could be anybody's.
    if (this.#received.length > 0) throw notLdapFailure()
    this.#socket.off('data', this.#onData)
    const { operation } = this.#timeouts
    const timeout = { milliseconds: operation, failure: timeFailure('no TLS', operation) }
    const secure = connectTls({ ...tlsOptions(this.#server), socket: this.#socket })
    this.#socket = await established(secure, 'secureConnect', timeout)
    this.#listen()
  }

  /** A simple bind. */
  async bind(dn: string, password: string): Promise<void> {
    const request = new BindRequest({ messageId: this.#nextMessageId(), dn, password })
    const { result } = await this.#exchange(request, ProtocolOperation.LDAP_RES_BIND)
    const { code, diagnostic } = readResult(result)
    // No server should say the password again; no log will.
    if (code !== RESULT.success) throw resultFailure(code, diagnostic.replaceAll(password, '...'))
  }

  /** All entries that were asked for, and success; or it throws. */
  async search(search: Search): Promise<readonly EncodedEntry[]> {
    const { want } = search
    if ('first' in want) return (await this.#searchOnce(search, { sizeLimit: want.first })).entries
    const pages: (readonly EncodedEntry[])[] = []
    for (let cookie: Buffer | undefined = Buffer.alloc(0); cookie;) {
      const control = new PagedResultsControl({ value: { size: want.pagesOf, cookie } })
      const page = await this.#searchOnce(search, { controls: [control] })
      pages.push(page.entries)
      cookie = page.cookie
    }
    return pages.flat()
  }

  async #searchOnce(
    { base, filter, attributes }: Search,
    how: { readonly sizeLimit?: number; readonly controls?: PagedResultsControl[] },
  ): Promise<{ readonly entries: readonly EncodedEntry[]; readonly cookie: Buffer | undefined }> {
    const request = new SearchRequest({
      messageId: this.#nextMessageId(),
      baseDN: base,
      scope: 'sub',
      filter,
      attributes: [...attributes],
      timeLimit: Math.ceil(this.#timeouts.operation / 1_000),
      ...how,
    })
    const { entries, result } = await this.#exchange(request, ProtocolOperation.LDAP_RES_SEARCH)
    const { code, diagnostic } = readResult(result)
    const asMany = how.sizeLimit !== undefined && code === RESULT.sizeLimitExceeded
    if (code !== RESULT.success && !asMany) throw resultFailure(code, diagnostic)
    return { entries, cookie: readCookie(result) }
  }

  /** Says goodbye if it still can. Does not fail. */
  async close(): Promise<void> {
    if (!this.#socket.destroyed) this.#socket.end(new UnbindRequest({ messageId: this.#nextMessageId() }).write())
    this.#socket.destroySoon()
    await this.#closed
  }

  #nextMessageId(): number {
    return ++this.#lastMessageId
  }

  async #exchange(request: Message, responseTag: number): Promise<Answer> {
    if (this.#failed) throw this.#failed
    const { operation } = this.#timeouts
    const timer = setTimeout(() => this.#fail(timeFailure('there was no answer', operation)), operation)
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#pending = { messageId: request.messageId, responseTag, entries: [], resolve, reject }
        this.#socket.write(request.write())
      })
    } finally {
      clearTimeout(timer)
      this.#pending = undefined
    }
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    try {
      for (let message = this.#nextMessage(); message; message = this.#nextMessage()) this.#take(message)
    } catch (error) {
      this.#fail(error instanceof LdapFailure ? error : notLdapFailure(error))
    }
  }
  readonly #onError = (error: Error): void => this.#fail(socketFailure(error))
  readonly #onClose = (): void => this.#fail(closedFailure())

  #listen(): void {
    this.#closed = closed(this.#socket)
    this.#socket.on('data', this.#onData).on('error', this.#onError).on('close', this.#onClose)
  }

  #fail(failure: LdapFailure): void {
    this.#failed ??= failure
    this.#pending?.reject(this.#failed)
    this.#socket.destroy()
  }

  /** Cuts the next message off, if it is there to its end. */
  #nextMessage(): BerReader | undefined {
    const reader = new BerReader(this.#received)
    if (reader.readSequence(SEQUENCE) === null) return undefined
    if (reader.length < 0 || reader.length > LARGEST_MESSAGE) throw notLdapFailure()
    const end = reader.offset + reader.length
    if (this.#received.length < end) return undefined
    reader.setBufferSize(end)
    this.#received = this.#received.subarray(end)
    return reader
  }

  #take(message: BerReader): void {
    const pending = this.#pending
    const messageId = message.readInt()
    // 0 is the server's own: it announces that it closes the connection.
    if (messageId === 0) throw closedFailure()
    if (!pending || messageId !== pending.messageId) throw notLdapFailure()
    const encoded = message.buffer.subarray(message.offset, message.offset + message.remain)
    switch (message.readSequence()) {
      case ProtocolOperation.LDAP_RES_SEARCH_ENTRY:
        pending.entries.push(encoded)
        return
      case ProtocolOperation.LDAP_RES_SEARCH_REF:
        throw referralFailure(message.readString() ?? '')
      case INTERMEDIATE_RESPONSE:
        return
      case pending.responseTag:
        this.#pending = undefined
        pending.resolve({ entries: pending.entries, result: message })
        return
      default:
        throw notLdapFailure()
    }
  }
}

/** The server's name is checked in any case; NODE_TLS_REJECT_UNAUTHORIZED is not for this. */
const tlsOptions = ({ host, secureContext }: LdapServer): ConnectionOptions => ({
  host,
  ...(isIP(host) ? {} : { servername: host }),
  secureContext: secureContext(),
  rejectUnauthorized: true,
})

async function established(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  timeout: { readonly milliseconds: number; readonly failure: LdapFailure },
): Promise<Socket> {
  const signal = AbortSignal.timeout(timeout.milliseconds)
  const gone = closed(socket)
  try {
    await once(socket, event, { signal })
    return socket
  } catch (error) {
    // What it may still say is of no interest.
    socket.on('error', () => {}).destroy()
    await gone
    throw signal.aborted ? timeout.failure : event === 'connect' ? socketFailure(error) : handshakeFailure(error)
  }
}

/** `socket.closed` is true too soon: before its handle is given back. */
const closed = (socket: Socket): Promise<void> => new Promise((resolve) => void socket.once('close', () => resolve()))

function readResult(result: BerReader): { readonly code: number; readonly diagnostic: string } {
  const code = result.readEnumeration()
  if (code === null) throw notLdapFailure()
  readText(result) // The DN of the last entry on the way that exists.
  return { code, diagnostic: readText(result) }
}

/** Where the next page begins; undefined behind the last one, and where the server does not page. */
function readCookie(result: BerReader): Buffer | undefined {
  if (result.peek() !== ProtocolOperation.LDAP_CONTROLS) return undefined
  const controls = readEach(result, ProtocolOperation.LDAP_CONTROLS, (reader) => ControlParser.parse(reader, []))
  const paged = controls.find((control) => control instanceof PagedResultsControl)
  return paged?.value?.cookie?.length ? paged.value.cookie : undefined
}
