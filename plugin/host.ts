/**
 * What the archive lends to the plugin. All of it is optional, and nothing of it is closed by the plugin: it belongs to
 * the host.
 */

/** The part of a logger that the plugin uses; pino, bunyan and most others fit. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  /** Spares the work of a line that nobody will see. Absent: every level is worth its work. */
  isLevelEnabled?(level: 'debug'): boolean
}

export interface Host {
  /** Default: silent. */
  readonly logger?: Logger
  /**
   * The host stands behind a proxy whose `Forwarded` and `X-Forwarded-*` headers it trusts: URLs in answers, and what
   * counts as the request's own origin, follow them. Default: false.
   */
  readonly trustProxy?: boolean
  /** Default: the system's clock. */
  readonly clock?: () => Date
}

const nothing = (): void => {}

export const SILENT: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  isLevelEnabled: () => false,
}
