import type { Logger } from 'pino';

/** npm and a terminal both pass Ctrl-C on, so that it arrives twice; a person's second one comes later. */
const SAME_SIGNAL_MS = 1_000;

/**
 * How to stop what was started, in the order it was started in.
 *
 * @param isOrderly whether others count on this instance: SIGTERM is sent by what runs it, Ctrl-C by a person who waits
 */
export type Stops = ((isOrderly: boolean) => Promise<void>)[];

/** Stops everything, the newest first. */
export async function stopAll(stops: Stops, isOrderly = false): Promise<void> {
  for (let stop = stops.pop(); stop; stop = stops.pop()) await stop(isOrderly);
}

/**
 * Ends the process at SIGINT or SIGTERM by stopping whatever has been added to the answer until then. A second signal
 * after a moment, or running out of time, ends it at once.
 *
 * @param drainSeconds what an orderly stop may take in addition to `seconds`
 */
export function stopOnSignal(logger: Logger, seconds: number, drainSeconds = 0): Stops {
  const stops: Stops = [];
  let stoppingSince: number | null = null;
  const onSignal = (signal: string) => {
    if (stoppingSince !== null) {
      if (Date.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    stoppingSince = Date.now();
    const isOrderly = signal === 'SIGTERM';
    const allowed = seconds + (isOrderly ? drainSeconds : 0);
    logger.info({ signal, seconds: allowed }, 'stopping');
    const late = setTimeout(() => {
      logger.error({ seconds: allowed }, 'not stopped in time');
      process.exit(1);
    }, allowed * 1000);
    late.unref();
    stopAll(stops, isOrderly).then(
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
