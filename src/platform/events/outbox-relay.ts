import { Inject, Injectable, type OnApplicationBootstrap, type BeforeApplicationShutdown } from '@nestjs/common';
import { EventEmitter2, EventEmitterReadinessWatcher } from '@nestjs/event-emitter';
import { Interval } from '@nestjs/schedule';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { Clusters } from '../database/clusters.ts';
import { LOGGER } from '../logging/logging.module.ts';
import { SYSTEM } from '../access/actor.ts';
import { internalCaller } from '../access/caller.ts';
import { TenantContexts } from '../tenancy/tenant-contexts.ts';
import { TenantDirectory } from '../tenancy/tenant.types.ts';
import { OutboxBell } from './outbox-bell.ts';

interface OutboxRow {
  id: string;
  tenant_schema: string;
  name: string;
  payload: object;
  request_id: string;
  attempts: number;
}

const LOOK_MS = 1_000;
const BATCH = 50;
const TENANTS_AT_A_TIME = 4;
/** After this many an event stays where it is, with its error, for an operator to see. */
export const MAX_ATTEMPTS = 10;

/**
 * Carries committed events from the outbox to their listeners, at least once. A batch is claimed by moving its next
 * attempt into the future, so a process that dies on the way loses nothing: another one takes the rows up then.
 */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #running: Promise<void> | null = null;
  readonly #busy = new Map<string, Promise<void>>();
  #again = false;
  #ready = false;

  constructor(
    private readonly clusters: Clusters,
    private readonly emitter: EventEmitter2,
    private readonly listeners: EventEmitterReadinessWatcher,
    private readonly contexts: TenantContexts,
    private readonly directory: TenantDirectory,
    private readonly bell: OutboxBell,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!this.config.WORKER) return;
    // Not awaited: the watcher waits for the same hook in another module.
    void this.listeners.waitUntilReady().then(() => {
      this.#ready = true;
      this.bell.onRing(() => this.look());
      this.look();
    });
  }

  @Interval(LOOK_MS)
  look(): void {
    if (!this.#ready) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.#relay()
      .catch((error: unknown) => this.log.warn({ err: error }, 'the outbox could not be read'))
      .finally(() => {
        this.#running = null;
        if (this.#again) {
          this.#again = false;
          this.look();
        }
      });
  }

  /** Before the registry's connections close; what is announced from now on is another process's, or the next start's. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#ready = false;
    await this.#running;
    await Promise.all(this.#busy.values());
  }

  /** Every cluster has an outbox of its own; one that is away holds up none of the others. */
  async #relay(): Promise<void> {
    const names = await this.clusters.listNames();
    // Not awaited are those that have not answered yet: the next look leaves them out until they have.
    const started = names.filter((name) => !this.#busy.has(name)).map((name) => this.#look(name));
    await Promise.race([Promise.all(started), sleep(LOOK_MS, undefined, { ref: false })]);
  }

  async #look(name: string): Promise<void> {
    const looking = this.#relayCluster(name)
      .catch((error: unknown) => {
        this.clusters.markAway(name);
        this.log.warn({ err: error, cluster: name }, 'the outbox could not be read');
      })
      .finally(() => this.#busy.delete(name));
    this.#busy.set(name, looking);
    await looking;
  }

  async #relayCluster(name: string): Promise<void> {
    const { platform } = await this.clusters.get(name);
    let rows: OutboxRow[];
    do {
      rows = await claim(platform);
      await this.#deliverAll(platform, rows);
    } while (rows.length === BATCH && this.#ready);
  }

  /** A tenant's events one after the other, some tenants at a time. */
  async #deliverAll(platform: pg.Pool, rows: OutboxRow[]): Promise<void> {
    const queues = [...Map.groupBy(rows, (row) => row.tenant_schema).values()];
    const worker = async () => {
      for (let queue = queues.pop(); queue; queue = queues.pop()) {
        const heard: string[] = [];
        for (const row of queue) if (await this.#deliver(platform, row)) heard.push(row.id);
        if (heard.length > 0) await platform.query('DELETE FROM platform.outbox WHERE id = ANY ($1)', [heard]);
      }
    };
    await Promise.all(Array.from({ length: TENANTS_AT_A_TIME }, worker));
  }

  /** @returns whether it was heard, and may be forgotten */
  async #deliver(platform: pg.Pool, row: OutboxRow): Promise<boolean> {
    try {
      const known = await this.directory.findBySchema(row.tenant_schema);
      const tenant = known && !this.contexts.canServe(known) ? await this.directory.refresh(known) : known;
      if (tenant && !this.contexts.canServe(tenant)) {
        // What its first owner announces is here before the organisation is complete, a moment later.
        await postpone(platform, row, tenant.status === 'provisioning' ? 1 : 15);
        return false;
      }
      // The tenant is gone, and with it everybody who could be told.
      if (tenant) {
        const ctx = await this.contexts.open(tenant, SYSTEM, internalCaller(row.request_id));
        await this.emitter.emitAsync(row.name, ctx, row.payload);
      }
      return true;
    } catch (error) {
      if (await this.contexts.isDamage(error)) {
        this.log.warn({ err: error, event: row.name, outboxId: row.id }, 'the tenant is damaged; its event waits');
        await postpone(platform, row, 15);
        return false;
      }
      const dead = row.attempts >= MAX_ATTEMPTS;
      this.log[dead ? 'error' : 'warn'](
        { err: error, event: row.name, outboxId: row.id, attempts: row.attempts },
        dead ? 'event given up' : 'event not heard yet',
      );
      await platform
        .query('UPDATE platform.outbox SET last_error = $2 WHERE id = $1', [row.id, String(error).slice(0, 2_000)])
        .catch(() => undefined);
      return false;
    }
  }
}

async function claim(platform: pg.Pool): Promise<OutboxRow[]> {
  const { rows } = await platform.query<OutboxRow>(
    `UPDATE platform.outbox SET attempts = attempts + 1,
            next_attempt_at = now() + make_interval(secs => least(3600, 30 * power(2, attempts)))
      WHERE id IN (SELECT id FROM platform.outbox WHERE next_attempt_at <= now() AND attempts < $1
                    ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
      RETURNING id, tenant_schema, name, payload, request_id, attempts`,
    [MAX_ATTEMPTS, BATCH],
  );
  return rows.sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)));
}

/** Suspended, being moved, damaged or behind in its schema: no failure of the event, so no attempt is counted. */
async function postpone(platform: pg.Pool, row: OutboxRow, seconds: number): Promise<void> {
  await platform.query(
    `UPDATE platform.outbox SET attempts = attempts - 1, next_attempt_at = now() + make_interval(secs => $2) WHERE id = $1`,
    [row.id, seconds],
  );
}
