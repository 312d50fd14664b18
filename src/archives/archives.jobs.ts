import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import type { JobRun } from '../platform/jobs/job.ts';
import { Performs } from '../platform/jobs/performs.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { ArchiveOrders } from './archive-orders.service.ts';
import { ArchivesService } from './archives.service.ts';
import { CLONE_TENANT, WRITE_EXPORT, type CloneOrder } from './archives.types.ts';

const EVERY_MS = 60_000;

@Injectable()
export class ArchivesJobs {
  constructor(
    private readonly archives: ArchivesService,
    private readonly orders: ArchiveOrders,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Performs(WRITE_EXPORT)
  write(payload: { archiveId: string; tenantId: string }, run: JobRun): Promise<void> {
    return this.archives.write(payload, run);
  }

  @Performs(CLONE_TENANT)
  clone(order: CloneOrder, run: JobRun): Promise<{ tenantId: string }> {
    return this.orders.carryOut(order, run);
  }

  @Interval(EVERY_MS)
  async lookAfter(): Promise<void> {
    if (!this.config.WORKER) return;
    try {
      await this.archives.removeExpired();
      await this.archives.resume();
    } catch (error) {
      this.log.warn({ err: error }, 'exports could not be looked after');
    }
  }
}
