/** What the keeper of the configuration tells, as log lines and metrics. */
import type { KeeperEvent } from './config/keeper.ts'
import type { Logger } from './host.ts'
import type { Metrics } from './metrics.ts'

export const configurationEvents =
  (logger: Logger, metrics: Metrics) =>
  (event: KeeperEvent): void => {
    switch (event.is) {
      case 'loaded': {
        const { configuration, readAt } = event.inForce
        const { deviceName, source, aes, ignored } = configuration
        const fields = { deviceName, source, aeTitles: aes.map(({ aeTitle }) => aeTitle) }
        // At the start a host says itself what it starts with.
        if (event.first) logger.debug(fields, 'configuration in force')
        else logger.info(fields, 'configuration in force')
        if (ignored.length > 0) logger.info({ ignored }, 'attributes of the UPS family that are not honoured')
        metrics.configured(readAt)
        return
      }
      case 'trouble': {
        const { kind, message, problems } = event.trouble
        logger.warn({ kind, problems }, `the configuration that was good before stays in force: ${message}`)
        metrics.configurationProblems(Math.max(1, problems.length))
        return
      }
      case 'well again':
        logger.info({}, 'the directory can be used again')
        metrics.configurationProblems(0)
        return
      case 'read':
        metrics.reloaded(event.outcome)
        return
      case 'not saved':
        logger.error({ err: event.error }, 'the last good configuration cannot be written to disk')
        return
      case 'look failed':
        logger.error({ err: event.error }, 'looking at the directory failed')
        return
    }
  }
