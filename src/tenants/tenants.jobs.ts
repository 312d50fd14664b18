import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { TenantDeletionService } from './tenant-deletion.service.ts';
import { TenantsService } from './tenants.service.ts';

const EVERY_MS = 60_000;
/** Far longer than a sign-up can take: a request ends after 30 s. */
const ABANDONED_AFTER_MS = 10 * 60_000;

@Injectable()
export class TenantsJobs {
  constructor(
    private readonly tenants: TenantsService,
    private readonly deletion: TenantDeletionService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Interval(EVERY_MS)
  async purgeDeleted(): Promise<void> {
    if (!this.config.WORKER) return;
    try {
      await this.deletion.purgeDue();
    } catch (error) {
      this.log.warn({ err: error }, 'deleted tenants could not be purged');
    }
  }

  @Interval(EVERY_MS)
  async removeAbandonedSignUps(): Promise<void> {
    if (!this.config.WORKER) return;
    try {
      const removed = await this.tenants.removeAbandoned(new Date(Date.now() - ABANDONED_AFTER_MS));
      if (removed > 0) this.log.warn({ removed }, 'abandoned sign-ups removed');
    } catch (error) {
      this.log.warn({ err: error }, 'abandoned sign-ups could not be removed');
    }
  }
}
