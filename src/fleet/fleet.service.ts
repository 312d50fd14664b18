import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { Clusters } from '../platform/database/clusters.ts';
import { ClusterUnavailable, SchemaLeft } from '../platform/database/database.errors.ts';
import { sqlState } from '../platform/database/database-problem.ts';
import { SchemaManager } from '../platform/database/schema-manager.ts';
import { SchemaMigrations } from '../platform/database/schema-migrations.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { FleetPressure } from './fleet-pressure.service.ts';
import { RUN_LOCKS, countConcerned, listVersionsConcerned, readStatus } from './fleet.queries.ts';
import type { FleetFailure, FleetOptions, FleetOutcome, FleetProgress, FleetStatus } from './fleet.types.ts';
import { TenantClaims, type Claimed } from './tenant-claims.service.ts';

/** Claimed at a time for each worker: few, so that what somebody asks for meanwhile is soon next. */
const AHEAD = 4;
/** A lock that is not to be had may be in a moment: behind a report, or another change. */
const ATTEMPTS = 5;
const TRY_AGAIN = new Set(['55P03', '40P01', '40001']);
const LOOK_AT_PRESSURE_MS = 1_000;
/** Grown by creating and altering many tables. */
const CATALOGUES = ['attribute', 'class', 'constraint', 'depend', 'index', 'type', 'attrdef'];

/** Brings many tenants to a version. Each one's failure stays its own, and running it again takes up where it ended. */
@Injectable()
export class FleetService {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly clusters: Clusters,
    private readonly schemas: SchemaManager,
    private readonly migrations: SchemaMigrations,
    private readonly pressure: FleetPressure,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  status(): Promise<FleetStatus> {
    return readStatus(this.registry.manager, this.schemas.version);
  }

  /** How many tenants a run would concern. */
  count({ work, slugs }: Pick<FleetOptions, 'work' | 'slugs'>): Promise<number> {
    return this.#asOwner((owner) => countConcerned(owner, work, this.#target(work), slugs));
  }

  /** The statements of a run, for people to read: what a tenant of each version that it concerns would be sent. */
  async sqlOf({ work, slugs }: Pick<FleetOptions, 'work' | 'slugs'>): Promise<{ from: number; sql: string }[]> {
    const versions = await this.#asOwner((owner) => listVersionsConcerned(owner, work, this.#target(work), slugs));
    const sqlOf = (from: number) =>
      work.kind === 'migrate' ? this.migrations.sqlFrom(from) : this.migrations.sqlDownTo(work.to, from);
    return Promise.all(versions.map(async (from) => ({ from, sql: await sqlOf(from) })));
  }

  async run(options: FleetOptions): Promise<FleetOutcome> {
    const target = this.#target(options.work);
    const started = performance.now();
    // Direct and its own: the lock that says "this run is alive" lasts as long as the connection.
    const registry = new pg.Client({
      connectionString: this.clusters.main.database.ownerUrl,
      application_name: 'projectflow fleet',
    });
    registry.on('error', (error) => this.log.error({ err: error }, 'the connection of the run was lost'));
    await registry.connect();
    const run = new FleetRun(registry, options, target, this.clusters, this.migrations);
    try {
      await run.begin();
      const watch = this.pressure.watch(() => run.pools, options.maxLag);
      await run.work(watch);
      await run.tidy();
    } finally {
      await run.end();
    }
    return { target, ...run.result(), milliseconds: Math.round(performance.now() - started) };
  }

  #target(work: FleetOptions['work']): number {
    if (work.kind === 'revert') this.migrations.demandKnown(work.to);
    return work.kind === 'migrate' ? this.schemas.version : work.to;
  }

  async #asOwner<T>(work: (owner: pg.ClientBase) => Promise<T>): Promise<T> {
    const client = await this.clusters.main.owner.connect();
    try {
      return await work(client);
    } finally {
      client.release();
    }
  }
}

/** One run from its beginning to its end. */
class FleetRun {
  readonly #claims: TenantClaims;
  readonly #key = randomInt(1, 2 ** 31 - 1);
  readonly #pools = new Map<string, pg.Pool>();
  readonly #failed: (FleetFailure & { id: string })[] = [];
  /** Clusters that could not be reached: the rest of their tenants is left for another run. */
  readonly #away = new Set<string>();
  #queue: Claimed[] = [];
  #claiming: Promise<void> | null = null;
  #exhausted = false;
  #begun = 0;
  #done = 0;
  #total = 0;
  #phase: FleetProgress['phase'] = 'fleet';
  #stopped: FleetOutcome['stopped'] = null;

  constructor(
    private readonly registry: pg.Client,
    private readonly options: FleetOptions,
    private readonly target: number,
    private readonly clusters: Clusters,
    private readonly migrations: SchemaMigrations,
  ) {
    this.#claims = new TenantClaims(registry, options.work, target, `${hostname()}:${process.pid}#${this.#key}`);
  }

  get pools(): pg.Pool[] {
    return [...this.#pools.values()];
  }

  async begin(): Promise<void> {
    await this.registry.query('SELECT pg_advisory_lock($1, $2)', [RUN_LOCKS, this.#key]);
    this.#total = await countConcerned(this.registry, this.options.work, this.target, this.options.slugs);
    this.#report();
  }

  async work(underPressure: () => Promise<boolean>): Promise<void> {
    const canary = canaryOf(this.options.canary, this.#total);
    if (canary > 0) {
      this.#phase = 'canary';
      await this.#workers(canary, underPressure);
      if (this.#failed.length > 0) this.#stopped = 'canary';
      this.#phase = 'fleet';
    }
    if (this.#stopped === null) await this.#workers(Infinity, underPressure);
  }

  /** Creating and altering many tables bloats the catalogues. Whoever may not vacuum them is told by the server's log. */
  async tidy(): Promise<void> {
    if (this.#done === 0) return;
    const tables = CATALOGUES.map((name) => `pg_catalog.pg_${name}`).join(', ');
    for (const pool of this.pools) await pool.query(`VACUUM ${tables}`).catch(() => undefined);
  }

  async end(): Promise<void> {
    await Promise.all(this.pools.map((pool) => pool.end()));
    await this.#claims.release().catch(() => undefined);
    await this.registry.end().catch(() => undefined);
  }

  result(): Omit<FleetOutcome, 'target' | 'milliseconds'> {
    const failed = this.#failed.map(({ slug, error }) => ({ slug, error }));
    const left = Math.max(0, this.#total - this.#done - failed.length);
    return { total: this.#total, done: this.#done, failed, stopped: this.#stopped, left };
  }

  /** @param most tenants to begin altogether */
  async #workers(most: number, underPressure: () => Promise<boolean>): Promise<void> {
    let paused: Promise<void> | null = null;
    let working = true;
    void (async () => {
      while (working) {
        await sleep(LOOK_AT_PRESSURE_MS, undefined, { ref: false });
        if (!working || paused || !(await underPressure().catch(() => false))) continue;
        paused = this.#pause(underPressure).finally(() => (paused = null));
      }
    })();
    const worker = async () => {
      for (;;) {
        if (paused) await paused;
        const tenant = await this.#next(most);
        if (!tenant) return;
        await this.#one(tenant);
        this.#report();
      }
    };
    try {
      await Promise.all(Array.from({ length: this.options.concurrency }, worker));
    } finally {
      working = false;
    }
  }

  async #pause(underPressure: () => Promise<boolean>): Promise<void> {
    const before = this.#phase;
    this.#phase = 'paused';
    this.#report();
    do await sleep(LOOK_AT_PRESSURE_MS);
    while (!this.options.signal?.aborted && (await underPressure().catch(() => false)));
    this.#phase = before;
    this.#report();
  }

  async #next(most: number): Promise<Claimed | null> {
    for (;;) {
      if (this.#begun >= most || this.#mustStop()) return null;
      const tenant = this.#queue.shift();
      if (tenant) {
        this.#begun += 1;
        return tenant;
      }
      if (this.#exhausted) return null;
      await (this.#claiming ??= this.#claim(most).finally(() => (this.#claiming = null)));
    }
  }

  #mustStop(): boolean {
    if (this.options.signal?.aborted) this.#stopped ??= 'signal';
    else if (this.#failed.length >= this.options.maxFailures) this.#stopped ??= 'failures';
    return this.#stopped !== null;
  }

  async #claim(most: number): Promise<void> {
    const claimed = await this.#claims.take({
      slugs: this.options.slugs,
      not: this.#failed.map((failure) => failure.id),
      away: [...this.#away],
      count: Math.min(this.options.concurrency * AHEAD, most - this.#begun),
    });
    this.#exhausted = claimed.length === 0;
    this.#queue.push(...claimed);
  }

  async #one({ id, slug, binding, schemaVersion }: Claimed): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const pool = await this.#poolOf(binding.cluster);
        const { work } = this.options;
        if (work.kind === 'migrate') await this.migrations.migrate(binding, { from: schemaVersion, pool });
        else await this.migrations.revert(binding, work.to, pool);
        this.#done += 1;
        return;
      } catch (error) {
        if (attempt < ATTEMPTS && TRY_AGAIN.has(sqlState(error) ?? '') && !this.options.signal?.aborted) {
          await sleep(50 * 2 ** attempt * (0.5 + Math.random()));
          continue;
        }
        // Moved since it was claimed: claimed again where it lives now, if it is still behind.
        if (error instanceof SchemaLeft) return this.#claims.give(id);
        if (error instanceof ClusterUnavailable) this.#leave(binding.cluster);
        const message =
          error instanceof ClusterUnavailable
            ? `the cluster ${error.cluster} cannot be reached: ${error.reason}`
            : error instanceof Error
              ? error.message
              : String(error);
        this.#failed.push({ id, slug, error: message });
        await this.#claims.fail(id, message.slice(0, 2_000));
        return;
      }
    }
  }

  /** Asked once: waiting for its server with each of its tenants would take hours, and use up the failures of a run. */
  #leave(cluster: string): void {
    this.#away.add(cluster);
    this.#queue = this.#queue.filter((tenant) => tenant.binding.cluster !== cluster);
  }

  async #poolOf(cluster: string): Promise<pg.Pool> {
    const known = this.#pools.get(cluster);
    if (known) return known;
    const { database } = await this.clusters.get(cluster);
    const raced = this.#pools.get(cluster);
    if (raced) return raced;
    const pool = new pg.Pool({
      connectionString: database.ownerUrl,
      // One more, to feel how the server bears it.
      max: this.options.concurrency + 1,
      application_name: 'projectflow fleet',
    });
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    this.#pools.set(cluster, pool);
    return pool;
  }

  #report(): void {
    const { onProgress } = this.options;
    onProgress?.({ total: this.#total, done: this.#done, failed: this.#failed.length, phase: this.#phase });
  }
}

function canaryOf(canary: FleetOptions['canary'], total: number): number {
  if (!canary) return 0;
  return 'count' in canary ? canary.count : Math.ceil((total * canary.percent) / 100);
}
