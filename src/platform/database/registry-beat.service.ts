import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { LOGGER } from '../logging/logging.module.ts';
import { Clusters } from './clusters.ts';
import { BEATS_APART, disobedience, INCARNATION, OBEYS, THIS_MINUTE, type Incarnation } from './incarnation.ts';

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
    const warn = (error: unknown) =>
      this.log.warn({ err: error }, 'the clusters could not be told that the registry goes on');
    await (this.config.WORKER ? this.#beat() : this.#look()).catch(warn);
  }

  async #beat(): Promise<void> {
    if (!(await this.#mayGoOn())) return;
    const [rows] = await this.registry.query<[{ value: Incarnation }[], number]>(
      // The registry first: no cluster may have seen more of it than it knows itself.
      `UPDATE public.system_settings SET value = jsonb_set(value, '{beat}', to_jsonb(greatest((value ->> 'beat')::bigint, ${THIS_MINUTE})))
        WHERE key = $1 RETURNING value`,
      [INCARNATION],
    );
    const own = rows[0]?.value;
    if (!own) return;
    await Promise.all((await this.#others()).map((name) => this.#reach(name, own)));
  }

  /**
   * A registry that stood still for minutes may be an old copy, which only the clusters can tell: it goes on when each of them
   * has been asked, also those that are open since before it stood still.
   */
  async #mayGoOn(): Promise<boolean> {
    const rows = await this.registry.query<{ value: Incarnation; late: boolean }[]>(
      `SELECT value, (value ->> 'beat')::bigint < ${THIS_MINUTE} - ${BEATS_APART} AS late FROM public.system_settings WHERE key = $1`,
      [INCARNATION],
    );
    if (rows[0]?.late !== true) return true;
    try {
      for (const name of await this.#others()) {
        const { platform } = await this.clusters.get(name);
        const obeyed = await platform.query<{ value: Incarnation }>(
          'SELECT value FROM platform.settings WHERE key = $1',
          [OBEYS],
        );
        const problem = disobedience(name, obeyed.rows[0]?.value ?? null, rows[0].value);
        if (problem === null) continue;
        this.log.error({ cluster: name }, problem);
        await this.clusters.forget(name);
        return false;
      }
      return true;
    } catch (error) {
      this.log.warn(
        { err: error },
        'the registry stood still and a cluster cannot be asked whether it is an old copy; until then it is not said to go on. Start the cluster again, or give its new address: projectflow cluster change <name> --url <url>. Only where it is gone for good: projectflow cluster remove <name>',
      );
      return false;
    }
  }

  /** Without background work: only whether clusters are still this registry's. */
  async #look(): Promise<void> {
    const rows = await this.registry.query<{ id: string }[]>(
      `SELECT value ->> 'id' AS id FROM public.system_settings WHERE key = $1`,
      [INCARNATION],
    );
    const own = rows[0];
    if (!own) return;
    await Promise.all((await this.#others()).map((name) => this.#lookAt(name, own.id)));
  }

  async #lookAt(name: string, ownId: string): Promise<void> {
    try {
      const { platform } = await this.clusters.get(name);
      const { rowCount } = await platform.query(
        `SELECT 1 FROM platform.settings WHERE key = $1 AND value ->> 'id' <> $2`,
        [OBEYS, ownId],
      );
      if (rowCount) await this.#letGo(name);
    } catch {
      // One that is away is asked again in a minute; the others are asked now.
    }
  }

  async #others(): Promise<string[]> {
    return (await this.clusters.listNames()).filter((name) => name !== this.clusters.main.name);
  }

  async #reach(name: string, { id, beat }: Incarnation): Promise<void> {
    try {
      const { platform } = await this.clusters.get(name);
      const { rowCount } = await platform.query(
        `UPDATE platform.settings SET value = jsonb_set(value, '{beat}', to_jsonb(greatest((value ->> 'beat')::bigint, $2::bigint)))
          WHERE key = $3 AND value ->> 'id' = $1`,
        [id, beat, OBEYS],
      );
      if (rowCount !== 1) await this.#letGo(name);
    } catch (error) {
      this.log.warn({ err: error, cluster: name }, 'the cluster could not be told that the registry goes on');
    }
  }

  async #letGo(name: string): Promise<void> {
    this.log.error({ cluster: name }, 'another registry has taken this cluster over; it is not used any more');
    await this.clusters.forget(name);
  }
}
