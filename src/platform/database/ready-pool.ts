import type { Logger } from 'pino';
import type { EntityManager } from 'typeorm';
import type { Clusters } from './clusters.ts';
import type { TenantBinding } from './lease.ts';
import { MAIN_CLUSTER } from './prepare-database.ts';
import type { SchemaManager } from './schema-manager.ts';
import { SchemaRemoval, type Removable } from './schema-removal.ts';

interface ReadyRow {
  cluster: string;
  schema_name: string;
  role_name: string | null;
  home: number;
}

/** An entry `making` that nobody has touched for so long belongs to somebody who died. */
const ABANDONED = '10 minutes';

/**
 * Migrated, seeded, empty schemas that wait for a sign-up, so that signing up runs no DDL. Filled in the background,
 * by any instance, on every cluster that takes tenants; a sign-up that finds it empty has a schema made in line.
 */
export class ReadyPool {
  #filling: Promise<void> | null = null;
  #closed = false;
  readonly #removal: SchemaRemoval;

  constructor(
    private readonly registry: EntityManager,
    private readonly schemas: SchemaManager,
    private readonly clusters: Clusters,
    private readonly size: number,
    private readonly log: Logger,
  ) {
    this.#removal = new SchemaRemoval(clusters, schemas);
  }

  /**
   * Takes a ready schema for the caller's registry transaction: rolled back, the schema is ready again. Concurrent
   * claims get different ones. Null when none is ready on this cluster at this version.
   */
  async claim(transaction: EntityManager, cluster = MAIN_CLUSTER): Promise<TenantBinding | null> {
    for (;;) {
      const [rows] = await transaction.query<[ReadyRow[], number]>(
        `DELETE FROM public.ready_schemas WHERE schema_name = (
           SELECT schema_name FROM public.ready_schemas
            WHERE schema_version = $1 AND cluster = $2 AND state = 'ready' LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING cluster, schema_name, role_name, home`,
        [this.schemas.version, cluster],
      );
      if (!rows[0]) return null;
      const binding = toBinding(rows[0]);
      if (await this.#isEmpty(binding)) return binding;
    }
  }

  /** A registry that has lost its last moments may take for ready what somebody has signed up for. */
  async #isEmpty(binding: TenantBinding): Promise<boolean> {
    // Asked on a connection that does not wait for long: the registry's transaction is open meanwhile.
    const isMain = binding.cluster === this.clusters.main.name;
    const cluster = isMain ? this.clusters.main : await this.clusters.ask(binding.cluster);
    const found = await this.#removal.look(cluster, binding.schema);
    if (found?.name === binding.schema && !found.users) return true;
    this.log.error(
      { schema: binding.schema, cluster: binding.cluster },
      'a schema that was entered as ready is gone or in use; it is left to the doctor',
    );
    return false;
  }

  /** Takes the schema that the caller had made and has filled. */
  async take(transaction: EntityManager, { schema }: TenantBinding): Promise<void> {
    const [, taken] = await transaction.query<[unknown[], number]>(
      `DELETE FROM public.ready_schemas WHERE schema_name = $1 AND state = 'making'`,
      [schema],
    );
    if (taken !== 1) throw new Error(`the schema ${schema} was taken for abandoned`);
  }

  /** Tells that whoever fills this schema is still at it. */
  async touch({ schema }: TenantBinding): Promise<void> {
    await this.registry.query('UPDATE public.ready_schemas SET created_at = now() WHERE schema_name = $1', [schema]);
  }

  /** Removes a schema that was made to be filled, and its entry. */
  async discard(binding: TenantBinding): Promise<void> {
    await this.#discard(binding, 'filling');
  }

  /** Removes what is ready on a cluster that is taken out of use. */
  async empty(cluster: string): Promise<void> {
    const rows = await this.registry.query<ReadyRow[]>(
      `SELECT cluster, schema_name, role_name, home FROM public.ready_schemas WHERE cluster = $1 AND state = 'ready'`,
      [cluster],
    );
    for (const row of rows) await this.#discard(toBinding(row), 'empty');
  }

  /** Makes the missing ones, one after the other; calls while it runs join it. */
  fill(): Promise<void> {
    return (this.#filling ??= this.#fill().finally(() => (this.#filling = null)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#filling?.catch(() => undefined);
  }

  /** Left behind by somebody who died while making or filling them. */
  async findAbandoned(): Promise<TenantBinding[]> {
    const rows = await this.registry.query<ReadyRow[]>(
      `SELECT cluster, schema_name, role_name, home FROM public.ready_schemas
        WHERE state = 'making' AND created_at < now() - $1::interval`,
      [ABANDONED],
    );
    return rows.map(toBinding);
  }

  async #fill(): Promise<void> {
    // Nobody waits for ready schemas here: another process keeps the pool.
    if (this.size === 0) return;
    const warn = (cluster: string) => (error: unknown) =>
      this.log.warn({ err: error, cluster }, 'the ready pool could not be filled');
    // Side by side: one that is away keeps the others waiting for nothing.
    const accepting = await this.clusters.listAccepting();
    await Promise.all(accepting.map((cluster) => this.#fillCluster(cluster).catch(warn(cluster))));
    for (const binding of [...(await this.findAbandoned()), ...(await this.#findOutdated())])
      await this.#discard(binding, 'filling').catch(warn(binding.cluster));
  }

  async #fillCluster(cluster: string): Promise<void> {
    const started = performance.now();
    let made = 0;
    while (!this.#closed && (await this.#count(cluster)) < this.size) {
      await this.schemas.provision(cluster);
      made += 1;
    }
    if (made === 0) return;
    const ms = Math.round(performance.now() - started);
    this.log.info({ made, size: this.size, cluster, ms }, 'ready pool filled');
  }

  async #count(cluster: string): Promise<number> {
    const rows = await this.registry.query<{ ready: number }[]>(
      `SELECT count(*)::int AS ready FROM public.ready_schemas WHERE schema_version = $1 AND cluster = $2 AND state = 'ready'`,
      [this.schemas.version, cluster],
    );
    return rows[0]!.ready;
  }

  /** Left over from an older version: empty, so making new ones is simpler than migrating them. */
  async #findOutdated(): Promise<TenantBinding[]> {
    const rows = await this.registry.query<ReadyRow[]>(
      `SELECT cluster, schema_name, role_name, home FROM public.ready_schemas WHERE schema_version < $1 AND state = 'ready'`,
      [this.schemas.version],
    );
    return rows.map(toBinding);
  }

  /**
   * The row goes last, so that whatever dies on the way is found again; it is locked meanwhile, or a process of that
   * version could still claim it.
   */
  async #discard(binding: TenantBinding, removable: Removable): Promise<void> {
    // Before the transaction: a server that is away would hold it open for as long as it is waited for.
    await (await this.clusters.get(binding.cluster)).owner.query('SELECT 1');
    await this.registry.transaction(async (transaction) => {
      const mine = await transaction.query<ReadyRow[]>(
        `SELECT cluster, schema_name, role_name, home FROM public.ready_schemas
          WHERE schema_name = $1 FOR UPDATE SKIP LOCKED`,
        [binding.schema],
      );
      if (!mine[0]) return;
      const removal = await this.#removal.remove(toBinding(mine[0]), removable);
      if (removal.outcome === 'set aside')
        this.log.error(
          { schema: removal.name, cluster: binding.cluster },
          'a schema that nobody should live in holds users; it was set aside: projectflow tenant adopt, or tenant drop-orphan',
        );
      await transaction.query('DELETE FROM public.ready_schemas WHERE schema_name = $1', [binding.schema]);
    });
  }
}

function toBinding({ cluster, schema_name: schema, role_name: role, home }: ReadyRow): TenantBinding {
  return { cluster, schema, role, home };
}
