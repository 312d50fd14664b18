import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** One more step is done. */
  step(): void;
  end(): void;
}

const LINES = 10;

/** A bar in a terminal; elsewhere a line for every tenth of the way. */
export function progress(what: string, total: number): Progress {
  if (process.stderr.isTTY) {
    const bar = new SingleBar(
      { format: `${what} {bar} {value}/{total}, {eta_formatted} left` },
      Presets.shades_classic,
    );
    bar.start(total, 0);
    return { step: () => bar.increment(), end: () => bar.stop() };
  }
  let done = 0;
  const every = Math.max(1, Math.ceil(total / LINES));
  return {
    step: () => {
      done += 1;
      if (done % every === 0) process.stderr.write(`${what}: ${done} of ${total}\n`);
    },
    end: () => undefined,
  };
}
