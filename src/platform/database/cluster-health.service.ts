import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { LOGGER } from '../logging/logging.module.ts';
import { Clusters } from './clusters.ts';

export interface ClusterState {
  name: string;
  answers: boolean;
  /** Since when it has been so, as far as this process knows. */
  since: Date;
  /** Why it does not answer; null when it does. */
  reason: string | null;
}

const LOOK_MS = 5_000;
/** What has not answered by then does not. */
const PATIENCE_MS = 2_000;

/**
 * Which clusters answer. They are asked in the background, side by side, so that a sign-up that is placed, and whoever
 * looks at the health, waits for none that is away.
 */
@Injectable()
export class ClusterHealth {
  readonly #view = new Map<string, ClusterState>();
  readonly #asking = new Map<string, Promise<boolean>>();
  #looking: Promise<void> | null = null;

  constructor(
    private readonly clusters: Clusters,
    @InjectDataSource() private readonly registry: DataSource,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** As it was at the last look. */
  get view(): ClusterState[] {
    return [...this.#view.values()];
  }

  @Interval(LOOK_MS)
  async watch(): Promise<void> {
    await this.look().catch((error: unknown) => this.log.warn({ err: error }, 'the clusters could not be looked at'));
  }

  /** Asks all of them; calls while it runs join it. */
  look(): Promise<void> {
    return (this.#looking ??= this.#look().finally(() => (this.#looking = null)));
  }

  /** Sees to it that every cluster was asked once. */
  async looked(): Promise<ClusterState[]> {
    if (this.#view.size === 0) await this.look();
    return this.view;
  }

  /** Asks one, now. Waits two seconds at most. */
  async ask(name: string): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => {
        this.#note(name, 'no answer in time');
        resolve(false);
      }, PATIENCE_MS);
    });
    try {
      return await Promise.race([this.#ask(name), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #look(): Promise<void> {
    const names = await this.clusters.listNames();
    for (const name of this.#view.keys()) if (!names.includes(name)) this.#view.delete(name);
    await Promise.all(names.map((name) => this.ask(name)));
  }

  /** One that is still being waited for is not asked twice. */
  #ask(name: string): Promise<boolean> {
    const asking =
      this.#asking.get(name) ??
      this.clusters
        .ask(name)
        .then(
          () => this.#note(name, null),
          (error: unknown) => this.#note(name, reasonOf(error)),
        )
        .finally(() => this.#asking.delete(name));
    this.#asking.set(name, asking);
    return asking;
  }

  #note(name: string, reason: string | null): boolean {
    const answers = reason === null;
    const before = this.#view.get(name);
    const since = before?.answers === answers ? before.since : new Date();
    this.#view.set(name, { name, answers, since, reason });
    if (answers) this.clusters.markThere(name);
    else this.clusters.markAway(name);
    if (before?.answers !== answers) void this.#record(name, answers, reason);
    return answers;
  }

  /** For commands, which see a moment only. */
  async #record(name: string, answers: boolean, reason: string | null): Promise<void> {
    if (!answers) this.log.warn({ cluster: name, reason }, 'the cluster does not answer');
    const change = answers ? 'away_since = NULL' : 'away_since = coalesce(away_since, now())';
    await this.registry
      .query(`UPDATE public.clusters SET ${change} WHERE name = $1 AND away_since IS ${answers ? 'NOT ' : ''}NULL`, [
        name,
      ])
      .catch(() => undefined);
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'reason' in error) return String(error.reason);
  return error instanceof Error ? error.message : String(error);
}
