import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { LOGGER } from '../logging/logging.module.ts';
import { Clusters } from './clusters.ts';
import { keepDays } from './day-partitions.ts';

const EACH_MS = 15 * 60_000;

/** The days of every cluster's short-lived rows, made and dropped while the process runs. The first ones are made as a cluster is prepared. */
@Injectable()
export class DayPartitions {
  constructor(
    private readonly clusters: Clusters,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Interval(EACH_MS)
  async keep(): Promise<void> {
    if (!this.config.WORKER) return;
    const names = await this.clusters.listNames().catch(() => []);
    // One that is away is kept when it is back; until then nothing is written there.
    for (const name of names)
      await this.#keep(name).catch((error: unknown) =>
        this.log.warn({ err: error, cluster: name }, 'the days of short-lived rows could not be kept'),
      );
  }

  async #keep(name: string): Promise<void> {
    const { owner } = await this.clusters.get(name);
    const client = await owner.connect();
    try {
      await keepDays(client);
    } finally {
      client.release();
    }
  }
}
