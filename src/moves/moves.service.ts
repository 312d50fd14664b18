import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { ClustersService } from '../clusters/clusters.service.ts';
import { compareSchemas } from '../platform/archive/compare-schemas.ts';
import { assertWhole } from '../platform/archive/whole-schema.ts';
import { copySchema } from '../platform/archive/copy-schema.ts';
import type { TenantBinding } from '../platform/database/lease.ts';
import { ReadyPool } from '../platform/database/ready-pool.ts';
import { SchemaManager } from '../platform/database/schema-manager.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { CopyDiffers, MigratedMeanwhile } from './moves.errors.ts';
import type { MoveOutcome, MoveRecord, OnRows } from './moves.types.ts';
import { OldCopies } from './old-copies.service.ts';
import { MOVE_LOCKS, TenantSwitch } from './tenant-switch.service.ts';

const TOUCH_MS = 60_000;

/** The operators' verbs over where a tenant lives. They run outside any tenant, so they take no TenantContext. */
@Injectable()
export class MovesService {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly tenants: TenantsService,
    private readonly clusterList: ClustersService,
    private readonly oldCopies: OldCopies,
    private readonly schemas: SchemaManager,
    private readonly readyPool: ReadyPool,
    private readonly switching: TenantSwitch,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * Moves a tenant that is being used: pauses it, copies its rows, compares both sides, serves it from there. A failure at
   * any step leaves it served from where it was. The old copy is kept until `confirm`.
   *
   * @throws TenantNotFound, ClusterNotFound, NotMovable, MoveOpen, MigratedMeanwhile, CopyDiffers
   */
  async move(slug: string, cluster: string, onRows: OnRows = () => undefined): Promise<MoveOutcome> {
    const found = await this.tenants.getBySlug(slug);
    // Within its own dedicated database it may be made anew.
    if (cluster !== found.binding.cluster) await this.clusterList.demandRoom(cluster);
    const move = await this.switching.begin(found, 'move', cluster, await this.schemas.versionOf(found.binding));
    const { tenant, target, destination } = move;
    const touching = setInterval(() => void this.readyPool.touch(target).catch(() => undefined), TOUCH_MS);
    try {
      const from = (await this.switching.pause(move))!;
      const to = { client: destination, schema: target.schema };
      await assertWhole(this.schemas, tenant.binding.cluster, from);
      await this.#demandSameLedger(from.client, tenant.binding, destination, target);
      await destination.query('BEGIN');
      const copied = await copySchema({ from, to, onProgress: ({ rows }) => onRows(rows) });
      const different = await compareSchemas(from, to);
      if (different.length > 0) throw new CopyDiffers(different.map((each) => each.table));
      await destination.query('COMMIT');
      const rows = copied.reduce((sum, table) => sum + table.rows, 0);
      const windowMs = await this.switching.finish(move, rows);
      await this.switching.close(move);
      return { slug, from: tenant.binding, to: target, rows, windowMs };
    } catch (error) {
      await this.switching.undo(move, error);
      throw error;
    } finally {
      clearInterval(touching);
    }
  }

  /** Removes the copy that was kept. @throws as OldCopies.confirm */
  confirm(slug: string, options: { clusterGone?: boolean } = {}): Promise<void> {
    return this.oldCopies.confirm(slug, options);
  }

  /** Takes a move or restore back. @throws as OldCopies.undo */
  undo(slug: string, options: { force?: boolean } = {}): Promise<void> {
    return this.oldCopies.undo(slug, options);
  }

  /** Newest first. */
  async list(filter: { slug?: string; open?: boolean } = {}): Promise<MoveRecord[]> {
    return this.registry.query(
      `SELECT m.id, t.slug, m.reason, m.state, m.from_place AS "from", m.to_place AS "to", m.rows::float8 AS rows,
              m.window_ms AS "windowMs", m.error, m.started_at AS "startedAt", m.finished_at AS "finishedAt",
              EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = ${MOVE_LOCKS}
                         AND l.objid::bigint = (hashtext(t.id::text)::bigint & 4294967295)
                         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS "atWork"
         FROM public.tenant_moves m JOIN public.tenants t ON t.id = m.tenant_id
        WHERE ($1::text IS NULL OR t.slug = $1) AND (NOT $2::boolean OR m.state IN ('copying', 'switched'))
        ORDER BY m.started_at DESC LIMIT 100`,
      [filter.slug ?? null, filter.open ?? false],
    );
  }

  /** Has those served again whose move was begun by somebody who died. @returns how many */
  async undoDead(): Promise<number> {
    const rows = await this.registry.query<{ tenant_id: string }[]>(
      `SELECT tenant_id FROM public.tenant_moves WHERE state = 'copying'`,
    );
    let undone = 0;
    for (const { tenant_id: id } of rows) {
      try {
        if (await this.switching.undoDead(id)) undone += 1;
      } catch (error) {
        // Of one whose database is away, and so in the way of nobody else.
        this.log.warn({ err: error, tenant: id }, 'a move cannot be undone yet');
      }
    }
    return undone;
  }

  /**
   * What was migrated after its new schema was made, or lacks a migration that was merged late, would have rows of one
   * version in a schema of another.
   */
  async #demandSameLedger(
    source: pg.ClientBase,
    from: TenantBinding,
    destination: pg.ClientBase,
    to: TenantBinding,
  ): Promise<void> {
    const [there, here] = [await readLedger(source, from.schema), await readLedger(destination, to.schema)];
    if (there !== here) throw new MigratedMeanwhile();
  }
}

async function readLedger(client: pg.ClientBase, schema: string): Promise<string> {
  const { rows } = await client.query<{ ledger: string | null }>(
    `SELECT string_agg("timestamp"::text, ' ' ORDER BY "timestamp") AS ledger FROM ${pg.escapeIdentifier(schema)}."migrations"`,
  );
  return rows[0]!.ledger ?? '';
}
