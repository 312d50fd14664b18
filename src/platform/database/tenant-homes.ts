import type { Logger } from 'pino';
import pg from 'pg';
import { DatabaseBusy } from './database.errors.ts';
import type { BorrowedClient, TenantBinding } from './lease.ts';
import { columnTypes } from './column-types.ts';

export interface HomeOptions {
  /** Connection settings of the login that serves a home of a cluster; a promise while the cluster has to be opened first. */
  login: (cluster: string, home: number) => pg.PoolConfig | Promise<pg.PoolConfig>;
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
 * The connections for tenant work: a few pools ("homes") per cluster, each with a login of its own. A tenant always goes
 * to its own home, so a backend holds the catalogue of that home's tenants only, an injection reaches no further than
 * that login's tenants, and a home that is saturated is felt by its tenants alone.
 */
export class TenantHomes {
  readonly #clusters = new Map<string, Map<number, Home | Promise<Home>>>();
  readonly #options: Required<HomeOptions>;
  #closed = false;

  constructor(
    options: HomeOptions,
    private readonly log: Logger,
  ) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /** @throws DatabaseBusy when no connection is to be had in time; whatever `login` rejects with, asked again next time */
  async borrow(binding: TenantBinding): Promise<BorrowedClient> {
    const home = this.#clusters.get(binding.cluster)?.get(binding.home) ?? this.#open(binding.cluster, binding.home);
    // Not awaited once it is there: that would be a turn of the queue for every statement.
    return home instanceof Home ? home.borrow(binding.schema) : (await home).borrow(binding.schema);
  }

  /** Counts over all homes of all clusters; `waiting` are statements that wait for a connection. */
  stats(): { total: number; idle: number; waiting: number } {
    const sum = { total: 0, idle: 0, waiting: 0 };
    for (const homes of this.#clusters.values()) {
      for (const home of homes.values()) {
        if (!(home instanceof Home)) continue;
        sum.total += home.pool.totalCount;
        sum.idle += home.pool.idleCount;
        sum.waiting += home.pool.waitingCount + home.queued;
      }
    }
    return sum;
  }

  /** Ends the pools of one cluster, which opens again when it is asked for; without a name all of them, for good. */
  async close(cluster?: string): Promise<void> {
    if (cluster === undefined) this.#closed = true;
    const names = cluster === undefined ? [...this.#clusters.keys()] : [cluster];
    const homes = names.flatMap((name) => [...(this.#clusters.get(name)?.values() ?? [])]);
    for (const name of names) this.#clusters.delete(name);
    await Promise.all(
      homes.map(async (opening) => {
        // One whose cluster could not be opened has nothing to end.
        const home = await Promise.resolve(opening).catch(() => null);
        await home?.pool.end();
      }),
    );
  }

  #open(cluster: string, number: number): Home | Promise<Home> {
    if (this.#closed) throw new DatabaseBusy('The server is stopping.');
    let homes = this.#clusters.get(cluster);
    if (!homes) this.#clusters.set(cluster, (homes = new Map<number, Home | Promise<Home>>()));
    const login = this.#options.login(cluster, number);
    const make = (config: pg.PoolConfig) => new Home(cluster, number, config, this.#options, this.log);
    if (!(login instanceof Promise)) {
      const home = make(login);
      homes.set(number, home);
      return home;
    }
    const opening = login.then(
      (config) => {
        const home = make(config);
        if (homes.get(number) === opening) homes.set(number, home);
        return home;
      },
      (error: unknown) => {
        if (homes.get(number) === opening) homes.delete(number);
        throw asBusy(error);
      },
    );
    homes.set(number, opening);
    return opening;
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
    cluster: string,
    number: number,
    login: pg.PoolConfig,
    private readonly options: Required<HomeOptions>,
    log: Logger,
  ) {
    // Below the home's size, so that a neighbour finds a connection however busy one tenant is.
    this.#share = Math.max(1, options.size - 2);
    this.pool = new pg.Pool({
      ...login,
      max: options.size,
      pipeline: true,
      connectionTimeoutMillis: options.patience,
      idleTimeoutMillis: 30_000,
      query_timeout: QUERY_TIMEOUT_MS,
      application_name: `projectflow home ${number}`,
      types: columnTypes,
    });
    // Without permanent listeners a backend that dies while idle, or between checkout and statement, ends the process.
    this.pool.on('error', (error) => log.warn({ err: error, cluster, home: number }, 'idle connection lost'));
    this.pool.on('connect', (client) => {
      client.on('error', (error) => log.warn({ err: error, cluster, home: number }, 'connection lost'));
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
