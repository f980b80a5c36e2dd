/** The archive, its configuration and the engines behind it, for those who run the service. */
import type { EntryReport, SettingReports, ShownTrouble } from '../config/report.ts'
import { positionText } from '../feed/position.ts'
import type { OperationContext } from './context.ts'
import { enumValueName } from './names.ts'

/** `Archive`: what `GET /ctrl/config` shows. */
function archive({ service }: OperationContext): object {
  const { device, networkAEs, from, trouble, ...report } = service.administration.configuration()
  return {
    ...report,
    ...entry(device),
    from: enumValueName(from),
    networkAEs: networkAEs.map(entry),
    trouble: trouble && troubleOf(trouble),
  }
}

const entry = ({ settings, ...rest }: EntryReport): object => ({
  ...rest,
  settings: settingsOf(settings),
})

const settingsOf = (settings: SettingReports): readonly object[] =>
  Object.entries(settings).map(([attribute, { value, unit, origin }]) => ({
    attribute,
    value,
    unit,
    level: enumValueName(origin.level),
    dn: origin.dn,
  }))

const troubleOf = ({ kind, ...trouble }: ShownTrouble): object => ({ ...trouble, kind: enumValueName(kind) })

async function feed({ service }: OperationContext): Promise<object> {
  const [position, start] = await Promise.all([service.feed().head(), service.desk().store.feedStart()])
  return { position: positionText(position), start: positionText(start ?? 0) }
}

/** Without an engine of its own the store answers, which is never behind. */
function search({ service }: OperationContext): object {
  const status = service.administration.search()
  if (!status) return { engine: 'EMBEDDED', state: 'READY', behind: 0 }
  const { state, ...rest } = status
  return { engine: 'ELASTICSEARCH', state: enumValueName(state), ...rest }
}

type Asked = (source: unknown, given: unknown, context: OperationContext) => object | Promise<object>

const asked =
  (answer: (context: OperationContext) => object | Promise<object>): Asked =>
  (_, __, context) =>
    answer(context)

export const ARCHIVE_RESOLVERS = {
  Query: { archive: asked(archive), feed: asked(feed), search: asked(search) },
  ReloadPayload: { archive: asked(archive) },
}
