/** The command line as a program: help, version, and `serve`, which is what it does when it is told nothing else. */
import { createRequire } from 'node:module'
import { Command, type CommanderError, Option } from 'commander'
import {
  BIND_PASSWORD_VARIABLE,
  DIRECTORY_FLAGS,
  type Flag,
  FLAGS,
  SEARCH_API_KEY_VARIABLE,
  SEARCH_PASSWORD_VARIABLE,
} from './flags.ts'
import type { GivenFlags } from './given.ts'

export interface Commands {
  readonly serve: (flags: GivenFlags) => Promise<void>
  readonly checkConfig: (flags: GivenFlags, json: boolean) => Promise<void>
  readonly reindex: (flags: GivenFlags, url: string | undefined) => Promise<void>
}

export function commandLine({ serve, checkConfig, reindex }: Commands): Command {
  const program = new Command('archive-ups')
    .description('Unified Worklist (DICOM UPS-RS) for an archive that is configured in a directory')
    .version(version())
    .showHelpAfterError('(archive-ups --help shows the commands, archive-ups serve --help the flags)')
    .exitOverride()
  const serving = program
    .command('serve', { isDefault: true })
    .description('serve the worklist')
    .addHelpText('after', secrets())
    .action((flags: GivenFlags) => serve(flags))
  for (const flag of Object.values<Flag>(FLAGS)) serving.addOption(optionOf(flag))
  program.addHelpText('after', () => `\n${serving.helpInformation()}`)
  const checking = program
    .command('check-config')
    .description('print the configuration that a directory holds, or what is wrong with it (exit code 2)')
    .option('--json', 'as JSON')
    .action(({ json, ...flags }: GivenFlags & { readonly json?: true }) => checkConfig(flags, json === true))
  for (const key of DIRECTORY_FLAGS) checking.addOption(optionOf(FLAGS[key]))
  const reindexing = program
    .command('reindex')
    .description('make the index of search anew: through the server that runs, or alone where none does')
    .option('--url <url>', 'of the server (default: from host, port and prefix)')
    .action(({ url, ...flags }: GivenFlags & { readonly url?: string }) => reindex(flags, url))
  for (const flag of Object.values<Flag>(FLAGS)) reindexing.addOption(optionOf(flag))
  return program
}

/** Commander's own exits: 0 after help and version, 2 for a command line that cannot be read. */
export const exitCodeOf = (error: CommanderError): number => (error.exitCode === 0 ? 0 : 2)

function optionOf(flag: Flag): Option {
  const fallback = flag.default === undefined ? '' : `default: ${flag.default}; `
  const option = new Option(
    `${flag.name}${flag.value ? ` ${flag.value}` : ''}`,
    `${flag.doc} (${fallback}${flag.variable})`,
  )
  return flag.list ? option.argParser(collect) : option
}

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value]

const secrets = (): string =>
  `\nVariables without a flag: ${[BIND_PASSWORD_VARIABLE, SEARCH_PASSWORD_VARIABLE, SEARCH_API_KEY_VARIABLE].join(', ')}`

function version(): string {
  const manifest: unknown = createRequire(import.meta.url)('archive-ups/package.json')
  return (manifest as { readonly version: string }).version
}
