/** What resolvers of attributes get. */
import type { Dataset } from '../dicom/dataset.ts'

/** The source of a workitem, or of an item in it. */
export interface AttributeSource {
  readonly dataset: Dataset
  /** The workitem's dataset: its (0008,0201) is that of its items too. */
  readonly root: Dataset
}

export interface AttributeContext {
  /** For dates and times that say none: an id that Intl knows; undefined: the zone of the process. */
  readonly timeZone: string | undefined
}

/** `Source`: what the resolver of the parent gave. Undefined and null are null. */
export type Resolver<Source, Arguments = Readonly<Record<string, unknown>>> = (
  source: Source,
  args: Arguments,
  context: AttributeContext,
) => unknown
