import type { Logger } from 'pino';

/** npm and a terminal both pass Ctrl-C on, so that it arrives twice; a person's second one comes later. */
const SAME_SIGNAL_MS = 1_000;

/** How to stop what was started, in the order it was started in. */
export type Stops = (() => Promise<void>)[];

/** Stops everything, the newest first. */
export async function stopAll(stops: Stops): Promise<void> {
  for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
}

/**
 * Ends the process at SIGINT or SIGTERM by stopping whatever has been added to the answer until then. A second signal
 * after a moment, or running out of time, ends it at once.
 */
export function stopOnSignal(logger: Logger, seconds: number): Stops {
  const stops: Stops = [];
  let stoppingSince: number | null = null;
  const onSignal = (signal: string) => {
    if (stoppingSince !== null) {
      if (Date.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    stoppingSince = Date.now();
    logger.info({ signal }, 'stopping');
    const late = setTimeout(() => {
      logger.error({ seconds }, 'not stopped in time');
      process.exit(1);
    }, seconds * 1000);
    late.unref();
    stopAll(stops).then(
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
  return stops;
}
