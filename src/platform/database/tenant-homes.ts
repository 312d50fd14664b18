import type { Logger } from 'pino';
import type pg from 'pg';
import { DatabaseBusy } from './database.errors.ts';
import type { BorrowedClient, TenantBinding } from './lease.ts';
import { asBusy, TenantHome, type HomeLimits } from './tenant-home.ts';

export interface HomeOptions extends HomeLimits {
  /** Connection settings of the login that serves a home of a cluster; a promise while the cluster has to be opened first. */
  login: (cluster: string, home: number) => pg.PoolConfig | Promise<pg.PoolConfig>;
}

/**
 * The connections for tenant work: a few pools ("homes") per cluster, each with a login of its own. A tenant always goes
 * to its own home, so a backend holds the catalogue of that home's tenants only, an injection reaches no further than
 * that login's tenants, and a home that is saturated is felt by its tenants alone.
 */
export class TenantHomes {
  readonly #clusters = new Map<string, Map<number, TenantHome | Promise<TenantHome>>>();
  #closed = false;

  constructor(
    private readonly options: HomeOptions,
    private readonly log: Logger,
  ) {}

  /** @throws DatabaseBusy when no connection is to be had in time; whatever `login` rejects with, asked again next time */
  async borrow(binding: TenantBinding): Promise<BorrowedClient> {
    const home = this.#clusters.get(binding.cluster)?.get(binding.home) ?? this.#open(binding.cluster, binding.home);
    // Not awaited once it is there: that would be a turn of the queue for every statement.
    return home instanceof TenantHome ? home.borrow(binding.schema) : (await home).borrow(binding.schema);
  }

  /** Counts over all homes of all clusters; `waiting` are statements that wait for a connection. */
  stats(): { total: number; idle: number; waiting: number } {
    const sum = { total: 0, idle: 0, waiting: 0 };
    for (const homes of this.#clusters.values()) {
      for (const home of homes.values()) {
        if (!(home instanceof TenantHome)) continue;
        const { total, idle, waiting } = home.stats;
        sum.total += total;
        sum.idle += idle;
        sum.waiting += waiting;
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
        await home?.end();
      }),
    );
  }

  #open(cluster: string, number: number): TenantHome | Promise<TenantHome> {
    if (this.#closed) throw new DatabaseBusy('The server is stopping.');
    let homes = this.#clusters.get(cluster);
    if (!homes) this.#clusters.set(cluster, (homes = new Map<number, TenantHome | Promise<TenantHome>>()));
    const login = this.options.login(cluster, number);
    const make = (config: pg.PoolConfig) => new TenantHome({ cluster, home: number }, config, this.options, this.log);
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
