import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { v7 as newId } from 'uuid';
import { beginSnapshot, type Snapshot } from '../platform/archive/snapshot.ts';
import { Clusters } from '../platform/database/clusters.ts';
import { ClusterUnavailable } from '../platform/database/database.errors.ts';
import { sqlState } from '../platform/database/database-problem.ts';
import type { TenantBinding } from '../platform/database/lease.ts';
import { ReadyPool } from '../platform/database/ready-pool.ts';
import { SchemaManager } from '../platform/database/schema-manager.ts';
import { SchemaRemoval } from '../platform/database/schema-removal.ts';
import { copyTenantRows, removeTenantRows } from '../platform/database/tenant-rows.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { MoveLost, MoveOpen, NotMovable, TenantSchemaLost } from './moves.errors.ts';

/** Locks of this class are held by whoever moves a tenant, for as long as they live; the second key is the tenant's. */
export const MOVE_LOCKS = 0x70_66_6e;
const UNIQUE_VIOLATION = '23505';
const NO_SUCH_SCHEMA = '3F000';
/** The server notices within milliseconds that a connection was closed, and then gives its locks free. */
const FREED_SOON = '5s';
/** Longer than the rest of a switch can take. */
const EVENTS_WAIT = '1 minute';

/** A switch under way: what `begin` gives, and the other steps take. */
export interface Switch {
  id: string;
  reason: 'move' | 'restore';
  tenant: Tenant;
  target: TenantBinding;
  /** Holds the lock that says "somebody is at it". */
  registry: pg.Client;
  /** Owner's connections to both places. Null where a restore finds nothing at the old one: schema or cluster is lost. */
  source: pg.Client | null;
  destination: pg.Client;
  /** When the tenant ceased to be served; null as long as it is. */
  pausedAt: number | null;
}

/**
 * Puts a tenant on a new schema, in steps of which each may be the last: until `finish` it lives where it was, and `undo`
 * (also by somebody else, when whoever began it is dead) has it served from there again.
 */
@Injectable()
export class TenantSwitch {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly tenants: TenantsService,
    private readonly clusters: Clusters,
    private readonly schemas: SchemaManager,
    private readonly removal: SchemaRemoval,
    private readonly readyPool: ReadyPool,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * Makes the new schema, at a version that is known here. The tenant is served as before.
   *
   * @throws NotMovable, MoveOpen
   */
  async begin(wanted: Tenant, reason: 'move' | 'restore', cluster: string, version: number): Promise<Switch> {
    const to = await this.clusters.get(cluster);
    const opened: pg.Client[] = [];
    const open = async (url: string) => {
      const client = await openOwner(url);
      opened.push(client);
      return client;
    };
    try {
      const registry = await open(this.clusters.main.database.ownerUrl);
      if (!(await hold(registry, wanted.id))) throw new MoveOpen(wanted.slug, 'copying');
      // Somebody may have died at it a moment ago.
      await this.#undoHeld(registry, wanted.id, { lostToo: reason === 'restore' });
      // As it is now: until the lock was ours, somebody else may have moved it.
      const tenant = await this.tenants.get(wanted.id);
      // One that was left in maintenance is in nobody's hands, now that the lock is ours: a backup brings it back.
      if (reason === 'restore' && tenant.status === 'maintenance') tenant.status = 'active';
      else if (tenant.status !== 'active' && tenant.status !== 'suspended')
        throw new NotMovable(tenant.slug, tenant.status);
      const source = await this.#openSource(tenant, reason, open);
      const id = await this.#enter(tenant, reason);
      const target = await this.schemas.provisionFor(cluster, version);
      await this.registry.query('UPDATE public.tenant_moves SET to_place = $2 WHERE id = $1', [id, target]);
      const destination = await open(to.database.ownerUrl);
      return { id, reason, tenant, target, registry, source, destination, pausedAt: null };
    } catch (error) {
      await Promise.all(opened.map(end));
      if (!(error instanceof MoveOpen)) await this.#undoFailed(wanted, error);
      throw error;
    }
  }

  /**
   * From now on its requests hear 503, and then nobody writes to it. What is open is waited for.
   *
   * @returns null where the old schema is lost
   * @throws NotMovable when it was suspended, resumed or deleted since `begin`
   */
  async pause(move: Switch): Promise<Snapshot | null> {
    const { id, slug, status, binding } = move.tenant;
    move.pausedAt = performance.now();
    const [, paused] = await this.registry.query<[unknown[], number]>(
      `UPDATE public.tenants SET status = 'maintenance', updated_at = now() WHERE id = $1 AND status IN ($2, 'maintenance')`,
      [id, status],
    );
    if (paused !== 1) throw new NotMovable(slug, (await this.tenants.get(id)).status);
    await this.tenants.forget(move.tenant);
    return move.source && beginSnapshot(move.source, binding.schema, { fence: true });
  }

  /**
   * Serves it from the new schema. The old one stays, closed to the tenant, until the move is confirmed.
   *
   * @returns milliseconds during which the tenant was not served
   */
  async finish(move: Switch, rows: number): Promise<number> {
    const { id, reason, tenant, target, source, destination } = move;
    if (source) await this.#takePendingEvents(tenant, target, source, destination);
    // What is restored is of another time, in which these rows were not made.
    if (source && reason === 'move')
      await copyTenantRows(
        { client: source, schema: tenant.binding.schema },
        { client: destination, schema: target.schema },
      );
    // Whoever has lost the lock may have been taken for dead, and the tenant may be served from where it was.
    await move.registry.query('SELECT 1');
    // From here on it is more than a copy that may be dropped, whatever becomes of the registry.
    await this.tenants.label({ ...tenant, binding: target }, destination);
    if (source) {
      // Lasting, before the registry changes: a writer who missed the news must find the old schema closed.
      await this.schemas.lockOut(source, tenant.binding);
      await source.query('COMMIT');
    }
    const windowMs = Math.round(performance.now() - move.pausedAt!);
    await this.registry.transaction(async (transaction) => {
      await this.readyPool.take(transaction, target);
      const [, switched] = await transaction.query<[unknown[], number]>(
        `UPDATE public.tenants SET cluster = $2, schema_name = $3, role_name = $4, home = $5, schema_version = $6, status = $7, updated_at = now(),
                migration_holder = NULL, migration_lease_until = NULL
          WHERE id = $1 AND status = 'maintenance' AND schema_name = $8`,
        [
          tenant.id,
          target.cluster,
          target.schema,
          target.role,
          target.home,
          await this.schemas.versionOf(target),
          tenant.status,
          tenant.binding.schema,
        ],
      );
      const [, recorded] = await transaction.query<[unknown[], number]>(
        `UPDATE public.tenant_moves SET state = 'switched', rows = $2, window_ms = $3, finished_at = now()
          WHERE id = $1 AND state = 'copying'`,
        [id, rows, windowMs],
      );
      // Taken for dead meanwhile, and undone by somebody else.
      if (switched !== 1 || recorded !== 1) throw new MoveLost(tenant.slug);
    });
    await this.tenants.forget(tenant);
    await this.tenants.forget({ ...tenant, binding: target });
    const { platform } = await this.clusters.get(target.cluster);
    await platform
      .query('UPDATE platform.outbox SET next_attempt_at = now() WHERE tenant_schema = $1', [target.schema])
      // They are heard all the same, when they have waited.
      .catch((error: unknown) => this.log.warn({ err: error }, 'events of a moved tenant are heard later'));
    return windowMs;
  }

  /** Leaves the tenant where it was, after `finish` did not happen. Never throws: what cannot be undone now is undone later. */
  async undo(move: Switch, cause: unknown): Promise<void> {
    await this.close(move);
    await this.#undoFailed(move.tenant, cause);
  }

  async close({ source, destination, registry }: Switch): Promise<void> {
    await Promise.all([source, destination, registry].flatMap((client) => (client ? [end(client)] : [])));
  }

  /**
   * Undoes a switch that somebody began and did not finish, unless they are still at it.
   *
   * @param lostToo also when the cluster that it lived on does not answer: an operator has said so
   * @returns whether there was one
   */
  async undoDead(tenantId: string, { lostToo = false } = {}): Promise<boolean> {
    return (await this.alone(tenantId, (registry) => this.#undoHeld(registry, tenantId, { lostToo }))) ?? false;
  }

  /** Runs `work` while nobody else can move the tenant; null when somebody is at it. */
  async alone<T>(tenantId: string, work: (registry: pg.Client) => Promise<T>): Promise<T | null> {
    const registry = await openOwner(this.clusters.main.database.ownerUrl);
    try {
      return (await hold(registry, tenantId)) ? await work(registry) : null;
    } finally {
      await end(registry);
    }
  }

  /**
   * Where its rows are. A move needs them; a restore goes without when they are lost.
   *
   * @throws ClusterUnavailable, TenantSchemaLost
   */
  async #openSource(
    { slug, binding }: Tenant,
    reason: 'move' | 'restore',
    open: (url: string) => Promise<pg.Client>,
  ): Promise<pg.Client | null> {
    try {
      const from = await this.clusters.ask(binding.cluster);
      const found = await this.removal.look(from, binding.schema);
      if (found?.name === binding.schema) return await open(from.database.ownerUrl);
      if (reason === 'move') throw new TenantSchemaLost(slug, binding.schema);
    } catch (error) {
      if (reason === 'move' || !(error instanceof ClusterUnavailable)) throw error;
    }
    return null;
  }

  /** The same for a switch of our own, whose lock will be free in a moment. */
  async #undoFailed({ id, slug, binding: was }: Tenant, cause: unknown): Promise<void> {
    try {
      const registry = await openOwner(this.clusters.main.database.ownerUrl);
      try {
        await registry.query(`SET lock_timeout = '${FREED_SOON}'`);
        await registry.query('SELECT pg_advisory_lock($1, hashtext($2))', [MOVE_LOCKS, id]);
        await this.#undoHeld(registry, id, { cause, lostToo: true });
        // Undone by somebody who took us for dead, before we closed its schema to it: opened again.
        const { binding } = await this.tenants.get(id);
        if (binding.schema === was.schema) await this.open(binding, true);
      } finally {
        await end(registry);
      }
    } catch (error) {
      this.log.error({ err: error, tenant: slug }, 'a move that failed is not undone yet');
    }
  }

  /** @param registry holds the tenant's lock */
  async #undoHeld(
    registry: pg.Client,
    tenantId: string,
    { cause, lostToo }: { cause?: unknown; lostToo: boolean },
  ): Promise<boolean> {
    const { rows } = await registry.query<{
      id: string;
      from_place: TenantBinding;
      to_place: TenantBinding | null;
      was_status: string;
    }>(
      `SELECT id, from_place, to_place, was_status FROM public.tenant_moves WHERE tenant_id = $1 AND state = 'copying'`,
      [tenantId],
    );
    if (!rows[0]) return false;
    const { id, from_place: from, to_place: to, was_status: status } = rows[0];
    await this.open(from, lostToo);
    await registry.query(
      `UPDATE public.tenants SET status = $2, updated_at = now() WHERE id = $1 AND status = 'maintenance' AND schema_name = $3`,
      [tenantId, status, from.schema],
    );
    const message = cause instanceof Error ? cause.message : 'whoever moved it died';
    await registry.query(
      `UPDATE public.tenant_moves SET state = 'undone', error = $2, finished_at = now() WHERE id = $1`,
      [id, message.slice(0, 2_000)],
    );
    await this.tenants.forget(await this.tenants.get(tenantId));
    // Last: one that cannot be removed now is found as abandoned later.
    if (to) await this.#discard(to).catch((error: unknown) => this.log.warn({ err: error }, 'copy not removed yet'));
    return true;
  }

  /** Also what went along to the schema `platform`, where the copy is set aside because it could be taken for a tenant's. */
  async #discard(copy: TenantBinding): Promise<void> {
    await removeTenantRows((await this.clusters.get(copy.cluster)).platform, copy.schema);
    await this.readyPool.discard(copy);
  }

  /**
   * Lets the tenant's role into its schema again. A schema that is lost has nobody to be let in: its tenant is served all
   * the same, hears that it is damaged, and can be restored.
   *
   * @param lostToo the same when the cluster does not answer
   * @throws ClusterUnavailable
   */
  async open(binding: TenantBinding, lostToo: boolean): Promise<void> {
    try {
      await this.clusters.ask(binding.cluster);
      await this.schemas.mendGrants(binding);
    } catch (error) {
      const lost = sqlState(error) === NO_SUCH_SCHEMA || (lostToo && error instanceof ClusterUnavailable);
      if (!lost) throw error;
      this.log.warn({ err: error, schema: binding.schema }, 'a tenant goes back to a schema that is lost or away');
    }
  }

  async #enter({ id: tenantId, slug, status, binding }: Tenant, reason: string): Promise<string> {
    const id = newId();
    try {
      await this.registry.query(
        `INSERT INTO public.tenant_moves (id, tenant_id, reason, from_place, state, was_status) VALUES ($1, $2, $3, $4, 'copying', $5)`,
        [id, tenantId, reason, binding, status],
      );
      return id;
    } catch (error) {
      if (sqlState(error) === UNIQUE_VIOLATION) throw new MoveOpen(slug, 'switched');
      throw error;
    }
  }

  /** What was announced and not heard yet goes along, under the new schema's name; under the old one nobody will be found. */
  async #takePendingEvents(
    tenant: Tenant,
    target: TenantBinding,
    source: pg.Client,
    destination: pg.Client,
  ): Promise<void> {
    const { rows } = await source.query<Record<string, unknown>>(
      'SELECT name, payload, actor_id, request_id, occurred_at FROM platform.outbox WHERE tenant_schema = $1 ORDER BY id',
      [tenant.binding.schema],
    );
    for (const row of rows) {
      await destination.query(
        // Not before the switch: of a schema that nobody has yet, events are taken for those of somebody who is gone.
        `INSERT INTO platform.outbox (tenant_schema, name, payload, actor_id, request_id, occurred_at, next_attempt_at)
         VALUES ($1, $2, $3, $4, $5, $6, now() + interval '${EVENTS_WAIT}')`,
        [target.schema, row['name'], row['payload'], row['actor_id'], row['request_id'], row['occurred_at']],
      );
    }
  }
}

async function openOwner(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'projectflow move' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function end(client: pg.Client): Promise<void> {
  await client.end().catch(() => undefined);
}

async function hold(registry: pg.Client, tenantId: string): Promise<boolean> {
  const { rows } = await registry.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1, hashtext($2)) AS held', [
    MOVE_LOCKS,
    tenantId,
  ]);
  return rows[0]!.held;
}
