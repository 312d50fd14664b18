import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { UnprovedTenants } from './unproved-tenants.service.ts';

const EVERY_MS = 10 * 60_000;

@Injectable()
export class OnboardingJobs {
  constructor(
    private readonly unproved: UnprovedTenants,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Interval(EVERY_MS)
  async tidyUnproved(): Promise<void> {
    if (!this.config.WORKER) return;
    try {
      await this.unproved.tidy();
    } catch (error) {
      this.log.warn({ err: error }, 'organisations without a proved address could not be looked through');
    }
  }
}
