import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** @param note what is going on at the moment, in a few words */
  at(done: number, total: number, note?: string): void;
  end(): void;
}

const LINE_EVERY_MS = 5_000;

/** Shows how far long work is, on standard error: a bar in a terminal, now and then a line elsewhere. */
export function showProgress(what: string): Progress {
  return process.stderr.isTTY ? bar(what) : lines(what);
}

function bar(what: string): Progress {
  const shown = new SingleBar(
    {
      format: `${what} {bar} {percentage}% {value}/{total} {eta_formatted} {note}`,
      stream: process.stderr,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  shown.start(0, 0, { note: '' });
  return {
    at: (done, total, note = '') => {
      shown.setTotal(total);
      shown.update(done, { note });
    },
    end: () => shown.stop(),
  };
}

function lines(what: string): Progress {
  let told = Date.now();
  return {
    at: (done, total, note = '') => {
      if (Date.now() - told < LINE_EVERY_MS) return;
      told = Date.now();
      process.stderr.write(`${`${what} ${done}/${total} ${note}`.trimEnd()}\n`);
    },
    end: () => undefined,
  };
}
