/** `archive-ups check-config`: the configuration in a directory, for people or (`--json`) for scripts. */
import {
  checkConfiguration,
  type ConfigurationCheck,
  type ConfigurationReport,
  type UpsPluginOptions,
} from '../index.ts'

export interface Checked {
  /** What to print on standard output. */
  readonly text: string
  /** 0: it can be used; 2: something is wrong. */
  readonly exitCode: 0 | 2
}

export async function checkConfig(options: UpsPluginOptions, json: boolean): Promise<Checked> {
  const check = await checkConfiguration(options)
  const exitCode = check.ok ? 0 : 2
  if (!json) return { text: forPeople(check), exitCode }
  const document = check.ok
    ? check.report
    : { source: check.source, trouble: { message: check.message, problems: check.problems } }
  return { text: `${JSON.stringify(document, null, 2)}\n`, exitCode }
}

const forPeople = (check: ConfigurationCheck): string =>
  check.ok ? report(check.source, check.report) : `${wrong(check)}\n`

function wrong({ message, problems }: Extract<ConfigurationCheck, { ok: false }>): string {
  if (problems.length === 0) return message
  const rows = problems.map(({ dn, attribute, value = '(missing)', expected, place = '' }) => [
    dn,
    attribute,
    value,
    expected,
    place,
  ])
  return table(
    ['ENTRY', 'ATTRIBUTE', 'VALUE', 'EXPECTED', problems.some(({ place }) => place) ? 'ENTRY IS IN' : ''],
    rows,
  )
}

function report(source: string, { device, networkAEs, ignored }: ConfigurationReport): string {
  const parts = [
    `Source  ${source}\n`,
    entry(`Device ${device.deviceName}`, device),
    ...networkAEs.map((ae) => entry(`Network AE ${ae.aeTitle}`, ae)),
  ]
  if (ignored.length > 0) {
    const rows = ignored.map(({ attribute, dn }) => [attribute, dn])
    parts.push(
      `Ignored: of the UPS family, and not honoured where they stand\n\n${table(['ATTRIBUTE', 'ENTRY'], rows)}\n`,
    )
  }
  return parts.join('\n')
}

type Entry = ConfigurationReport['device'] | ConfigurationReport['networkAEs'][number]

function entry(title: string, { dn, description, installed, settings }: Entry): string {
  const rows = Object.entries(settings).map(([attribute, { value, origin }]) => [attribute, shown(value), origin.level])
  const head = [title, description ?? '', installed ? '' : '(not installed)'].filter((part) => part !== '').join('  ')
  return `${head}\n${dn}\n\n${table(['SETTING', 'VALUE', 'FROM'], rows)}\n`
}

type Shown = ConfigurationReport['device']['settings'][string]['value']

function shown(value: Shown): string {
  if (value === null) return '-'
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.join(', ')
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  return String(value)
}

/** Columns as wide as their widest cell. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
