import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { AddressCompletion } from './address-completion.service.ts';

const EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;

@Injectable()
export class UsersJobs {
  #next = 0;

  constructor(
    private readonly addresses: AddressCompletion,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** A minute after the start, when a migration may have left some, and then once an hour. */
  @Interval(EVERY_MS)
  async completeAddresses(): Promise<void> {
    if (!this.config.WORKER || Date.now() < this.#next) return;
    this.#next = Date.now() + HOUR_MS;
    try {
      const completed = await this.addresses.completeAll();
      if (completed > 0) this.log.info({ completed }, 'addresses completed');
    } catch (error) {
      this.log.warn({ err: error }, 'addresses could not be completed');
    }
  }
}
