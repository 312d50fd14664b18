import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { MovesService } from './moves.service.ts';

const EVERY_MS = 15_000;

@Injectable()
export class MovesJobs {
  constructor(
    private readonly moves: MovesService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Interval(EVERY_MS)
  async undoDead(): Promise<void> {
    if (!this.config.WORKER) return;
    try {
      const undone = await this.moves.undoDead();
      if (undone > 0) this.log.warn({ undone }, 'moves of somebody who died were undone');
    } catch (error) {
      this.log.warn({ err: error }, 'moves could not be looked at');
    }
  }
}
