import type { Logger } from 'pino';

/**
 * Ends the process at SIGINT or SIGTERM: no new requests, running ones finish, connections close. A second signal, or
 * running out of time, ends it at once.
 */
export function stopOnSignal(logger: Logger, seconds: number, stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = (signal: string) => {
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ signal }, 'stopping');
    const late = setTimeout(() => {
      logger.error({ seconds }, 'not stopped in time');
      process.exit(1);
    }, seconds * 1000);
    late.unref();
    stop().then(
      () => {
        logger.info('stopped');
        process.exit(0);
      },
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}
