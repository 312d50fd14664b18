import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { LOGGER } from '../logging/logging.module.ts';
import { Clusters } from './clusters.ts';
import { INCARNATION, OBEYS, THIS_MINUTE, type Incarnation } from './incarnation.ts';

const BEAT_MS = 60_000;

/**
 * Lets every cluster know that this registry goes on. A copy that was made before falls behind and is refused there; and a
 * cluster that another registry has taken over is let go.
 */
@Injectable()
export class RegistryBeat {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly clusters: Clusters,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Interval(BEAT_MS)
  async beat(): Promise<void> {
    if (!this.config.WORKER) return;
    const warn = (error: unknown) =>
      this.log.warn({ err: error }, 'the clusters could not be told that the registry goes on');
    await this.#beat().catch(warn);
  }

  async #beat(): Promise<void> {
    const [rows] = await this.registry.query<[{ value: Incarnation }[], number]>(
      // The registry first: no cluster may have seen more of it than it knows itself.
      `UPDATE public.system_settings SET value = jsonb_set(value, '{beat}', to_jsonb(greatest((value ->> 'beat')::bigint, ${THIS_MINUTE})))
        WHERE key = $1 RETURNING value`,
      [INCARNATION],
    );
    const own = rows[0]?.value;
    if (!own) return;
    const others = (await this.clusters.listNames()).filter((name) => name !== this.clusters.main.name);
    await Promise.all(others.map((name) => this.#reach(name, own)));
  }

  async #reach(name: string, { id, beat }: Incarnation): Promise<void> {
    try {
      const { platform } = await this.clusters.get(name);
      const { rowCount } = await platform.query(
        `UPDATE platform.settings SET value = jsonb_set(value, '{beat}', to_jsonb(greatest((value ->> 'beat')::bigint, $2::bigint)))
          WHERE key = $3 AND value ->> 'id' = $1`,
        [id, beat, OBEYS],
      );
      if (rowCount === 1) return;
      this.log.error({ cluster: name }, 'another registry has taken this cluster over; it is not used any more');
      await this.clusters.forget(name);
    } catch (error) {
      this.log.warn({ err: error, cluster: name }, 'the cluster could not be told that the registry goes on');
    }
  }
}
