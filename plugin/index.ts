/** What a host may import. Importing starts nothing. */
export { createUpsPlugin, type UpsPlugin } from './plugin.ts'
export { checkConfiguration, type ConfigurationCheck } from './check-configuration.ts'
export type { ElasticsearchSettings } from './search/settings.ts'
export type { GraphqlOptions } from './graphql-options.ts'
export type { LdapOptions, UpsPluginOptions } from './options.ts'
export type { Host, Logger } from './host.ts'
export { type ErrorCode, hasCode, UpsError } from './errors.ts'
export type { Worklist } from './worklist/worklist.ts'
export type { Receipt } from './worklist/execute.ts'
export type { CancelAbandoned, ChangeState, Command, Create, Refusal, RequestCancel, Update } from './ups/decision.ts'
export { type DescribedRefusal, describeRefusal } from './ups/describe-refusal.ts'
export { isUid } from './dicom/uid.ts'
export type { Attribute, Dataset, Path, PersonName, Tag, Value } from './dicom/dataset.ts'
export type { DeviceTree, Directory, DirectoryEntry } from './config/directory.ts'
export type { Reloaded, Trouble } from './config/keeper.ts'
export type { ConfigurationReport } from './config/report.ts'
export { DirectoryError } from './config/directory.ts'
export type { Abortable, Candidates, Criteria } from './store/candidates.ts'
export type {
  Attended,
  Commit,
  FeedEntry,
  Listed,
  ListOptions,
  Loaded,
  Position,
  Progress,
  Replaced,
  Retrieved,
  Sequence,
  Since,
  Store,
} from './store/store.ts'
