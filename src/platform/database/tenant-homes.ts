import type { Logger } from 'pino';
import pg from 'pg';
import { DatabaseBusy } from './database.errors.ts';
import type { BorrowedClient, TenantBinding } from './lease.ts';
import { columnTypes } from './column-types.ts';

export interface HomeOptions {
  /** Connection settings of the login that serves a home. */
  login: (home: number) => pg.PoolConfig;
  /** Connections of one home. */
  size: number;
  /** Statements of one tenant that may wait for its share of the home; more are turned away at once. */
  queue?: number;
  /** Milliseconds to wait for a connection before the caller hears "busy". */
  patience?: number;
  /** Checkouts after which a connection is replaced: each backend keeps catalogue entries of every tenant it served. */
  recycleAfter?: number;
}

const DEFAULTS = { queue: 200, patience: 2_000, recycleAfter: 10_000 };

/** Behind the server's own statement_timeout (5 s, set on the login), for a server that no longer answers at all. */
const QUERY_TIMEOUT_MS = 8_000;

/**
 * The connections for tenant work: a few pools ("homes"), each with a login of its own. A tenant always goes to its own
 * home, so a backend holds the catalogue of that home's tenants only, an injection reaches no further than that login's
 * tenants, and a home that is saturated is felt by its tenants alone.
 */
export class TenantHomes {
  readonly #homes = new Map<number, Home>();
  readonly #options: Required<HomeOptions>;

  constructor(
    options: HomeOptions,
    private readonly log: Logger,
  ) {
    this.#options = { ...DEFAULTS, ...options };
  }

  borrow(binding: TenantBinding): Promise<BorrowedClient> {
    return this.#home(binding.home).borrow(binding.schema);
  }

  /** Counts over all homes; `waiting` are statements that wait for a connection. */
  stats(): { total: number; idle: number; waiting: number } {
    const sum = { total: 0, idle: 0, waiting: 0 };
    for (const home of this.#homes.values()) {
      sum.total += home.pool.totalCount;
      sum.idle += home.pool.idleCount;
      sum.waiting += home.pool.waitingCount + home.queued;
    }
    return sum;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#homes.values()].map((home) => home.pool.end()));
  }

  #home(number: number): Home {
    let home = this.#homes.get(number);
    if (!home) {
      home = new Home(number, this.#options, this.log);
      this.#homes.set(number, home);
    }
    return home;
  }
}

interface Share {
  active: number;
  waiting: (() => void)[];
}

class Home {
  readonly pool: pg.Pool;
  readonly #shares = new Map<string, Share>();
  readonly #lifetimes = new WeakMap<pg.PoolClient, number>();
  readonly #share: number;
  queued = 0;

  constructor(
    number: number,
    private readonly options: Required<HomeOptions>,
    log: Logger,
  ) {
    // Below the home's size, so that a neighbour finds a connection however busy one tenant is.
    this.#share = Math.max(1, options.size - 2);
    this.pool = new pg.Pool({
      ...options.login(number),
      max: options.size,
      pipeline: true,
      connectionTimeoutMillis: options.patience,
      idleTimeoutMillis: 30_000,
      query_timeout: QUERY_TIMEOUT_MS,
      application_name: `projectflow home ${number}`,
      types: columnTypes,
    });
    // Without permanent listeners a backend that dies while idle, or between checkout and statement, ends the process.
    this.pool.on('error', (error) => log.warn({ err: error, home: number }, 'idle connection lost'));
    this.pool.on('connect', (client) => {
      client.on('error', (error) => log.warn({ err: error, home: number }, 'connection lost'));
      // Jittered, or all connections of a home would be replaced at the same moment.
      this.#lifetimes.set(client, Math.ceil(options.recycleAfter * (0.8 + 0.4 * Math.random())));
    });
  }

  async borrow(schema: string): Promise<BorrowedClient> {
    const leave = await this.#enter(schema);
    try {
      const client = await this.pool.connect();
      return {
        client,
        giveBack: (broken) => {
          const left = (this.#lifetimes.get(client) ?? 0) - 1;
          this.#lifetimes.set(client, left);
          client.release(broken || left <= 0);
          leave();
        },
      };
    } catch (error) {
      leave();
      throw asBusy(error);
    }
  }

  /** Waits for one of the tenant's places in this home; the answer leaves it again. */
  async #enter(schema: string): Promise<() => void> {
    let share = this.#shares.get(schema);
    if (!share) this.#shares.set(schema, (share = { active: 0, waiting: [] }));
    if (share.active < this.#share) share.active += 1;
    else await this.#wait(share);
    return () => this.#leave(schema, share);
  }

  #wait(share: Share): Promise<void> {
    if (share.waiting.length >= this.options.queue) {
      throw new DatabaseBusy('Too many requests of this organisation are waiting for the database.');
    }
    return new Promise((resolve, reject) => {
      const admitted = () => {
        clearTimeout(timer);
        this.queued -= 1;
        resolve();
      };
      const timer = setTimeout(() => {
        share.waiting.splice(share.waiting.indexOf(admitted), 1);
        this.queued -= 1;
        reject(new DatabaseBusy('The database did not become free in time.'));
      }, this.options.patience);
      this.queued += 1;
      share.waiting.push(admitted);
    });
  }

  /** Hands the place straight to the next in line, so that `active` never exceeds the share in between. */
  #leave(schema: string, share: Share): void {
    const next = share.waiting.shift();
    if (next) return next();
    share.active -= 1;
    if (share.active === 0) this.#shares.delete(schema);
  }
}

const NO_CONNECTION = /^(?:timeout exceeded when trying to connect|Connection terminated due to connection timeout)/;
const TOO_MANY_CONNECTIONS = '53300';
const UNREACHABLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', '57P03', TOO_MANY_CONNECTIONS]);

function asBusy(error: unknown): unknown {
  const { code = '', message = '' } = Object(error) as { code?: string; message?: string };
  if (NO_CONNECTION.test(message) || UNREACHABLE.has(code)) {
    return new DatabaseBusy('The database has no free connection at the moment.', error);
  }
  return error;
}
