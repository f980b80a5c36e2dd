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
  readonly cancelAbandoned: (uid: string, reason: string, flags: GivenFlags, url: string | undefined) => Promise<void>
}

export function commandLine({ serve, checkConfig, reindex, cancelAbandoned }: Commands): Command {
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
  withStore(program.command('reindex'))
    .description('make the index of search anew: through the server that runs, or alone where none does')
    .action(({ url, ...flags }: FlagsAndUrl) => reindex(flags, url))
  withStore(program.command('cancel-abandoned'))
    .description(
      'cancel a workitem IN PROGRESS whose performer has lost its Transaction UID; make sure first that nobody works on it',
    )
    .argument('<uid>', 'of the workitem')
    .requiredOption('--reason <text>', 'why; kept in the workitem, and told its subscribers')
    .action((uid: string, { reason, url, ...flags }: FlagsAndUrl & { readonly reason: string }) =>
      cancelAbandoned(uid, reason, flags, url),
    )
  return program
}

type FlagsAndUrl = GivenFlags & { readonly url?: string }

/** The flags of a command that needs the store. */
function withStore(command: Command): Command {
  command.option('--url <url>', 'of the server (default: from host, port and prefix)')
  for (const flag of Object.values<Flag>(FLAGS)) command.addOption(optionOf(flag))
  return command
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
