import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { Clusters } from '../platform/database/clusters.ts';
import { ClusterUnavailable } from '../platform/database/database.errors.ts';
import type { TenantBinding } from '../platform/database/lease.ts';
import { SchemaManager } from '../platform/database/schema-manager.ts';
import { SchemaRemoval } from '../platform/database/schema-removal.ts';
import { removeTenantRows } from '../platform/database/tenant-rows.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import {
  MoveIsSwitched,
  MoveOpen,
  NoMoveToConfirm,
  NoMoveToUndo,
  OldCopyNeeded,
  TenantSchemaLost,
} from './moves.errors.ts';
import type { MoveRecord } from './moves.types.ts';
import { TenantSwitch } from './tenant-switch.service.ts';

/** A move that is neither confirmed nor undone. */
interface OpenMove {
  id: string;
  from_place: TenantBinding;
  started_at: Date;
  finished_at: Date | null;
}

/** What a move or restore has left: removed when it is confirmed, gone back to when it is taken back. */
@Injectable()
export class OldCopies {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly tenants: TenantsService,
    private readonly clusters: Clusters,
    private readonly schemas: SchemaManager,
    private readonly removal: SchemaRemoval,
    private readonly switching: TenantSwitch,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * Removes the copy that was kept, if people are where the tenant lives now.
   *
   * @param clusterGone leaves it where it is when its cluster does not answer
   * @throws NoMoveToConfirm, OldCopyNeeded, ClusterUnavailable, MoveOpen while the tenant is being moved
   */
  async confirm(slug: string, { clusterGone = false } = {}): Promise<void> {
    const { id } = await this.tenants.getBySlug(slug);
    const done = await this.switching.alone(id, async () => {
      await this.#confirm(await this.tenants.getBySlug(slug), clusterGone);
      return true;
    });
    if (done === null) throw new MoveOpen(slug, 'copying');
  }

  async #confirm(tenant: Tenant, clusterGone: boolean): Promise<void> {
    const { slug } = tenant;
    const move = await this.#open(tenant, 'switched');
    if (!move) throw new NoMoveToConfirm(slug);
    await this.#demandPeople(tenant);
    try {
      const { platform } = await this.clusters.ask(move.from_place.cluster);
      await this.schemas.drop(move.from_place);
      await removeTenantRows(platform, move.from_place.schema);
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
    const { id } = await this.tenants.getBySlug(slug);
    if (await this.switching.undoDead(id, { lostToo: true })) return;
    const done = await this.switching.alone(id, async () => {
      // Read again under the lock.
      const tenant = await this.tenants.getBySlug(slug);
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
}
