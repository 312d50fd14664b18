import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { ClustersService } from '../clusters/clusters.service.ts';
import { compareSchemas } from '../platform/archive/compare-schemas.ts';
import { copySchema } from '../platform/archive/copy-schema.ts';
import { Clusters } from '../platform/database/clusters.ts';
import { ClusterUnavailable } from '../platform/database/database.errors.ts';
import type { TenantBinding } from '../platform/database/lease.ts';
import { ReadyPool } from '../platform/database/ready-pool.ts';
import { SchemaManager } from '../platform/database/schema-manager.ts';
import { SchemaRemoval } from '../platform/database/schema-removal.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import {
  CopyDiffers,
  MigratedMeanwhile,
  MoveIsSwitched,
  MoveOpen,
  NoMoveToConfirm,
  NoMoveToUndo,
  OldCopyNeeded,
  TenantSchemaLost,
} from './moves.errors.ts';
import type { MoveOutcome, MoveRecord, OnRows } from './moves.types.ts';
import { MOVE_LOCKS, TenantSwitch } from './tenant-switch.service.ts';

const TOUCH_MS = 60_000;

/** A move that is neither confirmed nor undone. */
interface OpenMove {
  id: string;
  from_place: TenantBinding;
  started_at: Date;
  finished_at: Date | null;
}

/** The operators' verbs over where a tenant lives. They run outside any tenant, so they take no TenantContext. */
@Injectable()
export class MovesService {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly tenants: TenantsService,
    private readonly clusterList: ClustersService,
    private readonly clusters: Clusters,
    private readonly schemas: SchemaManager,
    private readonly removal: SchemaRemoval,
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

  /**
   * Removes the copy that was kept, if people are where the tenant lives now.
   *
   * @param clusterGone leaves it where it is when its cluster does not answer
   * @throws NoMoveToConfirm, OldCopyNeeded, ClusterUnavailable
   */
  async confirm(slug: string, { clusterGone = false } = {}): Promise<void> {
    const tenant = await this.tenants.getBySlug(slug);
    const move = await this.#open(tenant, 'switched');
    if (!move) throw new NoMoveToConfirm(slug);
    await this.#demandPeople(tenant);
    try {
      const { platform } = await this.clusters.ask(move.from_place.cluster);
      await this.schemas.drop(move.from_place);
      await platform.query('DELETE FROM platform.outbox WHERE tenant_schema = $1', [move.from_place.schema]);
    } catch (error) {
      if (!clusterGone || !(error instanceof ClusterUnavailable)) throw error;
      this.log.warn({ err: error, tenant: slug }, 'an old copy was left on a cluster that is gone');
    }
    await this.registry.query(`UPDATE public.tenant_moves SET state = 'confirmed' WHERE id = $1`, [move.id]);
  }

  /**
   * Has a tenant served again whose move or restore was begun by somebody who died, also one that was left in maintenance.
   *
   * @param force goes back to the old copy of a move that is done; the new one is set aside with what was written since
   * @throws MoveOpen when somebody is at it, MoveIsSwitched, NoMoveToUndo
   */
  async undo(slug: string, { force = false } = {}): Promise<void> {
    const tenant = await this.tenants.getBySlug(slug);
    if (await this.switching.undoDead(tenant.id, { lostToo: true })) return;
    const done = await this.switching.alone(tenant.id, async () => {
      const move = await this.#open(tenant, 'switched');
      if (move && !force) throw new MoveIsSwitched(slug, move.finished_at ?? move.started_at);
      if (move) return this.#goBack(tenant, move);
      if (tenant.status !== 'maintenance') throw new NoMoveToUndo(slug);
      await this.switching.open(tenant.binding, true);
      await this.registry.query(
        `UPDATE public.tenants SET status = 'active', updated_at = now() WHERE id = $1 AND status = 'maintenance'`,
        [tenant.id],
      );
      await this.tenants.forget(tenant);
      return true;
    });
    if (done === null) throw new MoveOpen(slug, 'copying');
  }

  async #goBack(tenant: Tenant, move: OpenMove): Promise<true> {
    const { from_place: from } = move;
    const cluster = await this.clusters.ask(from.cluster);
    const found = await this.removal.look(cluster, from.schema);
    if (found?.name !== from.schema) throw new TenantSchemaLost(tenant.slug, from.schema);
    const version = await this.schemas.versionOf(from);
    await this.schemas.mendGrants(from);
    await this.registry.transaction(async (transaction) => {
      await transaction.query(
        `UPDATE public.tenants SET cluster = $2, schema_name = $3, role_name = $4, home = $5, schema_version = $6, updated_at = now(),
                status = CASE WHEN status = 'maintenance' THEN 'active' ELSE status END
          WHERE id = $1 AND schema_name = $7`,
        [tenant.id, from.cluster, from.schema, from.role, from.home, version, tenant.binding.schema],
      );
      await transaction.query(
        `UPDATE public.tenant_moves SET state = 'undone', error = 'taken back by command' WHERE id = $1`,
        [move.id],
      );
    });
    await this.tenants.forget(tenant);
    await this.tenants.forget({ ...tenant, binding: from });
    await this.removal.setAside(tenant.binding).catch((error: unknown) =>
      // Found by the doctor, should it ever come back.
      this.log.warn({ err: error, tenant: tenant.slug }, 'the copy that was left is not set aside'),
    );
    return true;
  }

  async #open({ id }: Tenant, state: MoveRecord['state']): Promise<OpenMove | null> {
    const rows = await this.registry.query<OpenMove[]>(
      `SELECT id, from_place, started_at, finished_at FROM public.tenant_moves WHERE tenant_id = $1 AND state = $2`,
      [id, state],
    );
    return rows[0] ?? null;
  }

  /** What is about to be dropped may be the last that there is. @throws OldCopyNeeded */
  async #demandPeople({ slug, binding }: Tenant): Promise<void> {
    const found = await this.removal.look(await this.clusters.ask(binding.cluster), binding.schema);
    if (found?.name !== binding.schema || found.users === null) throw new OldCopyNeeded(slug);
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
