import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { extname } from 'node:path';
import { Piscina } from 'piscina';
import { AppError } from '../errors/app-error.ts';
import { ComputationTooLong, ThreadsBusy } from './threads.errors.ts';
import type { Order, Outcome } from './threads.types.ts';

const MOST_THREADS = 2;
/** Computations that wait for a thread. */
const MOST_WAITING = 50;
/** Milliseconds after which a thread without work ends. */
const IDLE_MS = 60_000;
const MOST_MEGABYTES = 512;

/** Of this file and all others: `.ts` in the tests, `.js` once it is built. */
const EXTENSION = extname(import.meta.url);

/** Computes in other threads what would keep everybody waiting in this one. They are started when they are needed. */
@Injectable()
export class WorkerThreads implements OnModuleDestroy {
  #pool: Piscina<Order, Outcome> | null = null;

  /**
   * Calls a pure function of a module in another thread. Input and result are copied, and have to be data.
   *
   * @param module its URL without the extension: `new URL('./plan.rules', import.meta.url)`
   * @param seconds after which it is given up, from when it is ordered
   * @throws what the function throws, as an AppError of the same kind and code; ComputationTooLong, ThreadsBusy
   */
  async run<T>(module: URL, name: string, input: unknown, seconds: number): Promise<T> {
    const pool = (this.#pool ??= this.#open());
    if (pool.queueSize >= MOST_WAITING) throw new ThreadsBusy();
    const limit = AbortSignal.timeout(seconds * 1_000);
    const order = { module: module.href + EXTENSION, name, input };
    const outcome = await pool.run(order, { signal: limit }).catch((error: unknown) => {
      throw limit.aborted ? new ComputationTooLong(seconds) : error;
    });
    if ('value' in outcome) return outcome.value as T;
    const { kind, code, message, ...options } = outcome.refusal;
    throw new AppError(kind, code, message, options);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#pool?.destroy();
  }

  #open(): Piscina<Order, Outcome> {
    return new Piscina<Order, Outcome>({
      filename: new URL(`./thread-entry${EXTENSION}`, import.meta.url).href,
      minThreads: 0,
      maxThreads: MOST_THREADS,
      idleTimeout: IDLE_MS,
      resourceLimits: { maxOldGenerationSizeMb: MOST_MEGABYTES },
      // Types are taken off by Node itself where nobody has compiled the files.
      execArgv: EXTENSION === '.ts' ? ['--experimental-transform-types', '--disable-warning=ExperimentalWarning'] : [],
    });
  }
}
