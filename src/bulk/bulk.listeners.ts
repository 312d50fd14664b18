import { Injectable } from '@nestjs/common';
import { Hears } from '../platform/events/hears.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { BulkRunOrdered } from './bulk.events.ts';
import { BulkService } from './bulk.service.ts';

@Injectable()
export class BulkListeners {
  constructor(private readonly bulk: BulkService) {}

  @Hears(BulkRunOrdered)
  async order(ctx: TenantContext, { runId }: BulkRunOrdered): Promise<void> {
    await this.bulk.order(ctx, runId);
  }
}
