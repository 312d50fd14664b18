import type { Logger } from 'pino';
import type { EntityManager } from 'typeorm';
import type { TenantBinding } from './lease.ts';
import type { SchemaManager } from './schema-manager.ts';

interface ReadyRow {
  cluster: string;
  schema_name: string;
  role_name: string | null;
  home: number;
}

/**
 * Migrated, seeded, empty schemas that wait for a sign-up, so that signing up runs no DDL. Filled in the background,
 * by any instance; a sign-up that finds it empty has a schema made in line.
 */
export class ReadyPool {
  #filling: Promise<void> | null = null;
  #closed = false;

  constructor(
    private readonly registry: EntityManager,
    private readonly schemas: SchemaManager,
    private readonly size: number,
    private readonly log: Logger,
  ) {}

  /**
   * Takes a ready schema for the caller's registry transaction: rolled back, the schema is ready again. Concurrent
   * claims get different ones. Null when none is ready at this version.
   */
  async claim(transaction: EntityManager): Promise<TenantBinding | null> {
    const [rows] = await transaction.query<[ReadyRow[], number]>(
      `DELETE FROM public.ready_schemas WHERE schema_name = (
         SELECT schema_name FROM public.ready_schemas WHERE schema_version = $1 LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING cluster, schema_name, role_name, home`,
      [this.schemas.version],
    );
    const row = rows[0];
    return row ? { cluster: row.cluster, schema: row.schema_name, role: row.role_name, home: row.home } : null;
  }

  /** Makes the missing ones, one after the other; calls while it runs join it. */
  fill(): Promise<void> {
    return (this.#filling ??= this.#fill().finally(() => (this.#filling = null)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#filling?.catch(() => undefined);
  }

  async #fill(): Promise<void> {
    // Nobody waits for ready schemas here: another process keeps the pool.
    if (this.size === 0) return;
    const started = performance.now();
    let made = 0;
    while (!this.#closed && (await this.#count()) < this.size) {
      await this.schemas.provision();
      made += 1;
    }
    if (made > 0)
      this.log.info({ made, size: this.size, ms: Math.round(performance.now() - started) }, 'ready pool filled');
    await this.#discardOutdated();
  }

  async #count(): Promise<number> {
    const rows = await this.registry.query<{ ready: number }[]>(
      'SELECT count(*)::int AS ready FROM public.ready_schemas WHERE schema_version = $1',
      [this.schemas.version],
    );
    return rows[0]!.ready;
  }

  /**
   * Left over from an older version: empty, so making new ones is simpler than migrating them. The row goes last, so that
   * whatever dies on the way is found again; it is locked meanwhile, or a process of that version could still claim it.
   */
  async #discardOutdated(): Promise<void> {
    const outdated = await this.registry.query<ReadyRow[]>(
      'SELECT schema_name, role_name, home FROM public.ready_schemas WHERE schema_version < $1',
      [this.schemas.version],
    );
    for (const { schema_name: schema, role_name: role } of outdated) {
      await this.registry.transaction(async (transaction) => {
        const mine = await transaction.query<unknown[]>(
          'SELECT 1 FROM public.ready_schemas WHERE schema_name = $1 FOR UPDATE SKIP LOCKED',
          [schema],
        );
        if (mine.length === 0) return;
        await this.schemas.drop(schema, role);
        await transaction.query('DELETE FROM public.ready_schemas WHERE schema_name = $1', [schema]);
      });
    }
  }
}
