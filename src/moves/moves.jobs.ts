import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import type { JobRun } from '../platform/jobs/job.ts';
import { Performs } from '../platform/jobs/performs.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { MoveOrders } from './move-orders.service.ts';
import { MovesService } from './moves.service.ts';
import { MOVE_TENANT, type MoveOrder, type MoveOutcome } from './moves.types.ts';

const EVERY_MS = 15_000;

@Injectable()
export class MovesJobs {
  constructor(
    private readonly moves: MovesService,
    private readonly orders: MoveOrders,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Performs(MOVE_TENANT)
  move(order: MoveOrder, run: JobRun): Promise<MoveOutcome> {
    return this.orders.carryOut(order, run);
  }

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
