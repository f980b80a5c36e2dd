/** Refusals that HTTP knows and DICOM does not; the DICOM ones are in `ups/statuses.ts`. Texts are fixed ASCII. */
export const HTTP_REFUSALS = {
  malformedPayload: { http: 400, text: 'The payload cannot be read.' },
  malformedParameter: { http: 400, text: 'A parameter of the request cannot be read.' },
  crossSite: { http: 403, text: 'Requests from other sites are refused.' },
  unknownAE: { http: 404, text: 'No such Application Entity.' },
  unknownResource: { http: 404, text: 'No such resource.' },
  methodNotAllowed: { http: 405, text: 'The resource does not support this method.' },
  configurationRefused: {
    http: 409,
    text: 'The directory holds a configuration that cannot be used; the last good one stays in force.',
  },
  directoryUnreachable: {
    http: 503,
    text: 'The directory cannot be reached; the last good configuration stays in force.',
  },
  notAcceptable: { http: 406, text: 'None of the acceptable media types is supported.' },
  payloadTooLarge: { http: 413, text: 'The payload is too large.' },
  tooManyMatches: {
    http: 413,
    text: 'The search matches more Workitems than the limit of this service; narrow it down.',
  },
  searchTooBroad: {
    http: 413,
    text: 'The search looks at more Workitems than this service can in the time it has; narrow it down.',
  },
  upgradeRequired: { http: 426, text: 'The resource is an event channel; it is opened as a WebSocket.' },
  unsupportedMediaType: { http: 415, text: 'The media type of the payload is not supported.' },
  unavailable: { http: 503, text: 'The service cannot take or give data now; try again.' },
  internal: { http: 500, text: 'Internal error.' },
} as const satisfies Readonly<Record<string, { readonly http: number; readonly text: string }>>

export type HttpRefusalKey = keyof typeof HTTP_REFUSALS

/** Thrown by whatever reads a request; answered by the one error edge. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal'
  readonly key: HttpRefusalKey
  readonly headers: Readonly<Record<string, string>>
  /** Members of the problem details beside the usual ones. */
  readonly members: Readonly<Record<string, unknown>>

  /** `detail` goes into the body for the client, never into a header or a log. */
  constructor(
    key: HttpRefusalKey,
    detail?: string,
    headers: Readonly<Record<string, string>> = {},
    members: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail ?? HTTP_REFUSALS[key].text)
    this.key = key
    this.headers = headers
    this.members = members
  }
}
