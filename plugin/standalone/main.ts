#!/usr/bin/env node
/** The bin `archive-ups`: exit code 0 after an orderly stop, 2 for a bad configuration, 1 for what else is in the way. */
import { CommanderError } from 'commander'
import { pino } from 'pino'
import { type ErrorCode, UpsError } from '../index.ts'
import { banner } from './banner.ts'
import { cancelAbandoned, type Cancelled } from './cancel-abandoned.ts'
import { checkConfig } from './check-config.ts'
import { commandLine, exitCodeOf } from './command-line.ts'
import { serve, type Serving } from './serve.ts'
import type { GivenFlags } from './given.ts'
import { showProgress } from './progress.ts'
import { reindex } from './reindex.ts'
import { directorySettings, hostSettings } from './settings.ts'

const CONFIGURATION: ReadonlySet<ErrorCode> = new Set(['UPS_BAD_OPTION', 'UPS_BAD_CONFIGURATION'])

async function run(flags: GivenFlags): Promise<void> {
  const settings = hostSettings(flags, process.env)
  // Standard output is for people and scripts: the banner and the ready line.
  const logger = pino({ name: 'archive-ups', level: settings.logLevel }, pino.destination({ dest: 2, sync: true }))
  const current: { serving?: Serving } = {}
  const stop = (signal: string): void => {
    // Until it serves nothing has been acknowledged that an end could lose.
    const { serving } = current
    if (!serving) process.exit(0)
    logger.info({ signal }, 'stopping')
    serving.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    )
  }
  process.on('SIGHUP', () => {
    current.serving?.reload().catch((err: unknown) => logger.error({ err }, 'reload failed'))
  })
  process.once('SIGTERM', stop).once('SIGINT', stop)
  const serving = await serve(settings, logger)
  current.serving = serving
  process.stdout.write(banner(settings, serving.configuration))
  process.stdout.write(`archive-ups ready at ${serving.url}\n`)
}

async function check(flags: GivenFlags, json: boolean): Promise<void> {
  const { text, exitCode } = await checkConfig(directorySettings(flags, process.env), json)
  process.stdout.write(text)
  process.exitCode = exitCode
}

async function index(flags: GivenFlags, url: string | undefined): Promise<void> {
  const progress = showProgress(process.stdout, 'reindex')
  const settings = hostSettings(flags, process.env)
  const indexed = await reindex(url, settings, (done, all) => progress.show(done, all)).finally(() => progress.end())
  process.stdout.write(`${indexed} ${indexed === 1 ? 'workitem is' : 'workitems are'} in the index.\n`)
}

async function cancel(uid: string, reason: string, flags: GivenFlags, url: string | undefined): Promise<void> {
  const cancelled = await cancelAbandoned(uid, reason, url, hostSettings(flags, process.env))
  if (cancelled.is !== 'refused') {
    process.stdout.write(`${uid} ${SAID[cancelled.is]}.\n`)
    return
  }
  process.stderr.write(`archive-ups: ${cancelled.sentence}\n`)
  process.exitCode = 1
}

const SAID: Readonly<Record<Exclude<Cancelled['is'], 'refused'>, string>> = {
  canceled: 'is CANCELED',
  'already canceled': 'was CANCELED before; nothing has changed',
}

function fail(error: unknown): never {
  if (error instanceof CommanderError) process.exit(exitCodeOf(error))
  if (!(error instanceof UpsError)) throw error
  process.stderr.write(`archive-ups: ${error.message}\n`)
  process.exit(CONFIGURATION.has(error.code) ? 2 : 1)
}

try {
  await commandLine({ serve: run, checkConfig: check, reindex: index, cancelAbandoned: cancel }).parseAsync()
} catch (error) {
  fail(error)
}
