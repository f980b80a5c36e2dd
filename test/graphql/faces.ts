/** The same commands through UPS-RS and through GraphQL, and what each of them says of it, in words that can be compared. */
import type { Dataset } from '../../plugin/dicom/dataset.ts'
import { askGraphql } from '../support/graphql.ts'
import { type Answer, post, put, send } from '../support/http.ts'
import type { Service } from '../support/service.ts'
import { shownError, type Told } from './asking.ts'

/** A filter of a subscription, as each face is told it. */
export interface BothFilters {
  readonly graphql: Told
  /** Of the query, encoded. */
  readonly rs: string
}

interface Commands {
  readonly create: { readonly uid: string; readonly dataset: unknown }
  readonly update: { readonly uid: string; readonly dataset: unknown; readonly transactionUID?: string | undefined }
  readonly changeState: {
    readonly uid: string
    readonly state: string
    readonly transactionUID?: string | undefined
    readonly requester?: string | undefined
  }
  readonly requestCancellation: {
    readonly uid: string
    readonly requester?: string | undefined
    readonly dataset?: unknown
  }
  readonly subscribe: {
    readonly uid: string
    readonly subscriber: string
    readonly deletionLock: boolean
    readonly filter?: BothFilters | undefined
  }
  readonly unsubscribe: { readonly uid: string; readonly subscriber: string }
  readonly suspend: { readonly uid: string; readonly subscriber: string }
}

export type FaceCommand = {
  [Kind in keyof Commands]: { readonly kind: Kind; readonly aeTitle: string } & Commands[Kind]
}[keyof Commands]

export interface Outcome {
  readonly accepted: boolean
  /** Their texts. */
  readonly warnings: readonly string[]
  /** Of a refusal: its code, DICOM status, the attributes that it names, and what it says. */
  readonly code?: unknown
  readonly dicomStatus?: unknown
  readonly attributes?: unknown
  readonly detail?: unknown
}

export type Face = (service: Service, command: FaceCommand) => Promise<Outcome>

const VARIABLES = {
  create: { uid: 'String', dataset: 'DicomJson!' },
  update: { uid: 'String!', dataset: 'DicomJson!', transactionUID: 'String' },
  changeState: { uid: 'String!', state: 'ProcedureStepState!', transactionUID: 'String', requester: 'String' },
  requestCancellation: { uid: 'String!', requester: 'String', dataset: 'DicomJson' },
  subscribe: { uid: 'String!', subscriber: 'String!', deletionLock: 'Boolean!', filter: 'WorkitemFilter' },
  unsubscribe: { uid: 'String!', subscriber: 'String!' },
  suspend: { uid: 'String!', subscriber: 'String!' },
} as const satisfies { readonly [Kind in keyof Commands]: Readonly<Record<keyof Commands[Kind], string>> }

/** The mutation of that name, with all its arguments as variables. */
export function mutationOf(kind: keyof Commands, selection = 'uid warnings { text } position'): string {
  const types: readonly (readonly [string, string])[] = Object.entries({ aeTitle: 'String!', ...VARIABLES[kind] })
  const variables = types.map(([name, type]) => `$${name}: ${type}`).join(', ')
  const given = types.map(([name]) => `${name}: $${name}`).join(', ')
  return `mutation(${variables}) { ${kind}(${given}) { ${selection} } }`
}

/** As GraphQL writes an enumerated value. */
export const enumerated = (state: string): string => state.replace(' ', '_')

export function variablesOf(command: FaceCommand): Told {
  return {
    ...command,
    ...('state' in command ? { state: enumerated(command.state) } : {}),
    ...('filter' in command ? { filter: command.filter?.graphql } : {}),
  }
}

export const throughGraphql: Face = async (service, command) => {
  const { data, errors } = await askGraphql<Told>(service.url, mutationOf(command.kind), variablesOf(command))
  if (errors) {
    const { code, dicomStatus, attributes, message: detail } = shownError(errors[0])
    return { accepted: false, warnings: [], code, dicomStatus, attributes, detail }
  }
  const warnings = data?.[command.kind].warnings as readonly { readonly text: string }[]
  return { accepted: true, warnings: warnings.map(({ text }) => text) }
}

export const throughRs: Face = async (service, command) => {
  const answer = await requestOf(service, command)
  const texts = [...(answer.headers.get('warning') ?? '').matchAll(/299 \S+: (.*?)(?=, 299 |$)/g)].map(
    ([, text = '']) => text,
  )
  if (answer.status < 300) return { accepted: true, warnings: texts }
  const { type, dicomStatus, attributes, detail } = answer.problem()
  const key = type.replace('urn:archive-ups:problem:', '')
  const code = key.replace(/[A-Z]/g, '_$&').toUpperCase()
  return { accepted: false, warnings: [], code, dicomStatus, attributes, detail }
}

function requestOf(service: Service, command: FaceCommand): Promise<Answer> {
  const all = `${service.aet(command.aeTitle)}/workitems`
  const one = `${all}/${encodeURIComponent(command.uid)}`
  switch (command.kind) {
    case 'create':
      return post(`${all}?workitem=${encodeURIComponent(command.uid)}`, command.dataset as object)
    case 'update': {
      const { transactionUID } = command
      const key = transactionUID === undefined ? '' : `?transaction-uid=${encodeURIComponent(transactionUID)}`
      return post(`${one}${key}`, command.dataset as object)
    }
    case 'changeState':
      return put(`${one}/state${below(command.requester)}`, stateOf(command))
    case 'requestCancellation':
      return post(`${one}/cancelrequest${below(command.requester)}`, command.dataset as object | undefined)
    case 'subscribe': {
      const filter = command.filter ? `&${command.filter.rs}` : ''
      return post(`${one}/subscribers${below(command.subscriber)}?deletionlock=${command.deletionLock}${filter}`)
    }
    case 'unsubscribe':
      return send(`${one}/subscribers${below(command.subscriber)}`, { method: 'DELETE' })
    case 'suspend':
      return post(`${one}/subscribers${below(command.subscriber)}/suspend`)
  }
}

const below = (aeTitle: string | undefined): string => (aeTitle === undefined ? '' : `/${encodeURIComponent(aeTitle)}`)

const stateOf = ({ state, transactionUID }: Commands['changeState']): Dataset => ({
  ...(transactionUID === undefined ? {} : { '00081195': { vr: 'UI', Value: [transactionUID] } }),
  '00741000': { vr: 'CS', Value: [state] },
})
