/** What a channel needs of a connection, and what it is told: no socket library comes into the core. */

export interface Socket {
  /** A text frame. */
  send(text: string): void
  ping(payload: string): void
  /** Begins the closing handshake. */
  close(code: number, reason: string): void
  /** Ends the connection at once. */
  terminate(): void
  /** Bytes that the operating system has not taken yet. */
  readonly buffered: number
}

export interface SocketEvents {
  /** Anything came from the other end. */
  received(): void
  pong(payload: string): void
  /** The operating system took something. */
  drained(): void
  closed(): void
}
