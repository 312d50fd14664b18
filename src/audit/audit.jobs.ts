import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { RefusedSignIns } from './refused-sign-ins.service.ts';

const EVERY_MS = 10 * 60_000;

@Injectable()
export class AuditJobs {
  #doneHour: number | null = null;

  constructor(
    private readonly refused: RefusedSignIns,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Interval(EVERY_MS)
  async forgetRefused(): Promise<void> {
    const hour = new Date().getUTCHours();
    if (!this.config.WORKER || this.#doneHour === hour) return;
    this.#doneHour = hour;
    try {
      await this.refused.forget(hour);
    } catch (error) {
      this.log.warn({ err: error }, 'refused sign-ins could not be forgotten');
    }
  }
}
