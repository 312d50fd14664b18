import { Inject, Injectable } from '@nestjs/common';
import { SYSTEM, type Actor } from '../access/actor.ts';
import { internalCaller, type Caller } from '../access/caller.ts';
import { Cache } from '../cache/cache.ts';
import { Clusters } from '../database/clusters.ts';
import { TenantDamaged } from '../database/database.errors.ts';
import { REPLICA_SOURCES } from '../database/database.module.ts';
import { SchemaManager } from '../database/schema-manager.ts';
import type { TenantDataSource } from '../database/tenant-data-source.ts';
import { TenantDataSources } from '../database/tenant-data-sources.ts';
import { actorCopies, ActorsChanged } from '../events/actors-changed.ts';
import type { DomainEvent } from '../events/domain-event.ts';
import { OutboxBell } from '../events/outbox-bell.ts';
import { tenantOfSecret } from '../tokens/tenant-secret.ts';
import { Damage } from './damage.ts';
import { TenantMismatch, TenantSuspended, TenantUnavailable } from './tenancy.errors.ts';
import { TenantContext } from './tenant-context.ts';
import { TenantDirectory, type Tenant } from './tenant.types.ts';

/** Makes the context of a request, a listener, a job or a command. */
@Injectable()
export class TenantContexts {
  constructor(
    private readonly handles: TenantDataSources,
    @Inject(REPLICA_SOURCES) private readonly replicas: TenantDataSources,
    private readonly clusters: Clusters,
    private readonly bell: OutboxBell,
    private readonly schemas: SchemaManager,
    private readonly directory: TenantDirectory,
    private readonly damage: Damage,
    private readonly cache: Cache,
  ) {}

  /** Whether this process may touch the tenant's data at all: not while it is suspended, moved or behind in its schema. */
  canServe(tenant: Tenant): boolean {
    return tenant.status === 'active' && !this.#isBehind(tenant);
  }

  /**
   * Lets a request in. A tenant whose schema is behind is turned away, noted so that the fleet's migration takes it first,
   * and looked at again, so that it is served as soon as it was migrated.
   *
   * @throws TenantSuspended, TenantUnavailable: being made or moved, or behind in its schema
   */
  async admit(tenant: Tenant): Promise<Tenant> {
    if (tenant.status === 'suspended') throw new TenantSuspended();
    if (this.canServe(tenant)) return tenant;
    if (tenant.status !== 'active') throw new TenantUnavailable();
    const fresh = await this.directory.refresh(tenant);
    if (fresh && this.canServe(fresh)) return fresh;
    this.directory.wantMigration(tenant);
    throw new TenantUnavailable();
  }

  async open(tenant: Tenant, actor: Actor = SYSTEM, caller: Caller = internalCaller()): Promise<TenantContext> {
    const database = await this.handles.get(tenant.binding);
    const replica = () => this.#replica(tenant);
    const afterCommit = (announced: readonly DomainEvent[]) => this.#committed(tenant, announced);
    return new TenantContext({ tenant, actor, caller, database, replica, afterCommit });
  }

  /** Runs before the answer is sent: this process drops its copies at once, and the others within a second. */
  #committed({ binding }: Tenant, announced: readonly DomainEvent[]): void {
    this.bell.ring();
    for (const event of announced)
      if (event instanceof ActorsChanged) void this.cache.forget(actorCopies(binding.schema, event.userId));
  }

  /**
   * The context of the tenant that a secret names (see tenant-secret.ts); null when it names none that is there.
   *
   * @param addressed the tenant that the request names beside the secret, if any
   * @throws TenantMismatch, TenantSuspended, TenantUnavailable
   */
  async openBySecret(
    prefix: string,
    secret: string,
    addressed: Tenant | null,
    caller: Caller,
  ): Promise<TenantContext | null> {
    const tenantId = tenantOfSecret(prefix, secret);
    if (tenantId === null) return null;
    // Before the look-up: anybody can write an id into a secret, and must not learn from the answer whether it is a tenant's.
    if (addressed && addressed.id !== tenantId) throw new TenantMismatch();
    const tenant = await this.directory.findById(tenantId);
    if (!tenant || tenant.status === 'deleted') return null;
    return this.open(await this.admit(tenant), undefined, caller);
  }

  /** Whether something failed because the tenant is damaged: it waits then until that is repaired. */
  async isDamage(error: unknown): Promise<boolean> {
    return (await this.damage.explain(error)) instanceof TenantDamaged;
  }

  async #replica({ binding }: Tenant): Promise<TenantDataSource | null> {
    const { replicaUrl } = await this.clusters.get(binding.cluster);
    return replicaUrl === null ? null : this.replicas.get(binding);
  }

  #isBehind(tenant: Tenant): boolean {
    return tenant.schemaVersion < this.schemas.version;
  }
}
