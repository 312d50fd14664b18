import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { SYSTEM, type Actor } from '../access/actor.ts';
import { SchemaManager } from '../database/schema-manager.ts';
import { TenantDataSources } from '../database/tenant-data-sources.ts';
import { OutboxBell } from '../events/outbox-bell.ts';
import { TenantContext } from './tenant-context.ts';
import { isServable } from './tenant-resolver.ts';
import type { Tenant } from './tenant.types.ts';

/** Makes the context of a request, a listener or a command. */
@Injectable()
export class TenantContexts {
  constructor(
    private readonly handles: TenantDataSources,
    private readonly bell: OutboxBell,
    private readonly schemas: SchemaManager,
  ) {}

  /** Whether this process may touch the tenant's data at all: not while it is suspended, moved or behind in its schema. */
  canServe(tenant: Tenant): boolean {
    return isServable(tenant, this.schemas.version);
  }

  async open(tenant: Tenant, actor: Actor = SYSTEM, requestId: string = randomUUID()): Promise<TenantContext> {
    const database = await this.handles.get(tenant.binding);
    return new TenantContext({ tenant, actor, requestId, database, afterCommit: () => this.bell.ring() });
  }
}
