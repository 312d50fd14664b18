import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { UsageService } from './usage.service.ts';

const EVERY_MS = 15 * 60_000;

@Injectable()
export class SubscriptionsJobs {
  #measuring = false;

  constructor(
    private readonly usage: UsageService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Interval(EVERY_MS)
  async measureUsage(): Promise<void> {
    if (!this.config.WORKER || this.#measuring) return;
    this.#measuring = true;
    try {
      await this.usage.measureAll();
    } catch (error) {
      this.log.warn({ err: error }, 'usage could not be measured');
    } finally {
      this.#measuring = false;
    }
  }
}
