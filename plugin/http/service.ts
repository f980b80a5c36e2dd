/** What the HTTP handlers work with; made by the composition root. */
import type { ArchiveConfiguration } from '../config/configuration.ts'
import type { Logger } from '../host.ts'
import type { Strictness } from '../ups/policy.ts'
import type { Desk } from '../worklist/execute.ts'
import type { OriginPolicy } from './origin.ts'

export interface Service {
  readonly desk: () => Desk
  /** The configuration in force at this moment. */
  readonly configuration: () => ArchiveConfiguration
  readonly strictness: Strictness
  readonly origins: OriginPolicy
  /** Path in front of everything, without a slash at its end: `` or `/dcm4chee-arc`. */
  readonly prefix: string
  /** Bytes. */
  readonly bodyLimit: number
  readonly logger: Logger
}
