import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import { TenantMismatch } from '../platform/tenancy/tenancy.errors.ts';
import { TenantDirectory, type Tenant } from '../platform/tenancy/tenant.types.ts';
import { tenantOfTicket, type TicketKind } from './tickets.rules.ts';

/** Opens the organisation that a ticket speaks of. */
@Injectable()
export class TenantTickets {
  constructor(
    private readonly directory: TenantDirectory,
    private readonly contexts: TenantContexts,
  ) {}

  /**
   * Null for a text that is no ticket, or of an organisation that does not exist.
   *
   * @param addressed the tenant that the request names beside the ticket, if any
   * @throws TenantMismatch, TenantSuspended, TenantUnavailable
   */
  async contextOf(
    kind: TicketKind,
    ticket: string,
    addressed: Tenant | null,
    caller: Caller,
  ): Promise<TenantContext | null> {
    const tenantId = tenantOfTicket(kind, ticket);
    if (tenantId === null) return null;
    // Before the look-up: anybody can write an id into a ticket, and must not learn whether it is a tenant's.
    if (addressed && addressed.id !== tenantId) throw new TenantMismatch();
    const tenant = addressed ?? (await this.directory.findById(tenantId));
    if (!tenant || tenant.status === 'deleted') return null;
    return this.contexts.open(await this.contexts.admit(tenant), undefined, caller);
  }
}
