import type { Logger } from 'pino';
import type { EntityManager } from 'typeorm';
import type { TenantBinding } from './lease.ts';
import type { SchemaManager } from './schema-manager.ts';

interface ReadyRow {
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
       RETURNING schema_name, role_name, home`,
      [this.schemas.version],
    );
    const row = rows[0];
    return row ? { schema: row.schema_name, role: row.role_name, home: row.home } : null;
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
    await this.#discardOutdated();
    const started = performance.now();
    let made = 0;
    while (!this.#closed && (await this.#count()) < this.size) {
      await this.schemas.provision();
      made += 1;
    }
    if (made > 0)
      this.log.info({ made, size: this.size, ms: Math.round(performance.now() - started) }, 'ready pool filled');
  }

  async #count(): Promise<number> {
    const rows = await this.registry.query<{ ready: number }[]>(
      'SELECT count(*)::int AS ready FROM public.ready_schemas WHERE schema_version = $1',
      [this.schemas.version],
    );
    return rows[0]!.ready;
  }

  /** Left over from an older version: empty, so making new ones is simpler than migrating them. */
  async #discardOutdated(): Promise<void> {
    const [outdated] = await this.registry.query<[ReadyRow[], number]>(
      'DELETE FROM public.ready_schemas WHERE schema_version < $1 RETURNING schema_name, role_name, home',
      [this.schemas.version],
    );
    for (const row of outdated) await this.schemas.drop(row.schema_name, row.role_name);
  }
}
