import { Injectable } from '@nestjs/common';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { AuditEventMissing } from './audit.errors.ts';
import { findAuditEvent, listAuditEvents } from './audit.queries.ts';
import type { AuditEventRow } from './audit.types.ts';

@Injectable()
export class AuditService {
  list(ctx: TenantContext, query: ListQuery): Promise<Page<AuditEventRow>> {
    return listAuditEvents(ctx, query);
  }

  /** @throws AuditEventMissing */
  async get(ctx: TenantContext, id: string): Promise<AuditEventRow> {
    const event = await findAuditEvent(ctx, id);
    if (!event) throw new AuditEventMissing();
    return event;
  }
}
