import type { Logger } from 'pino';
import pg from 'pg';
import { ClusterUnavailable } from './database.errors.ts';
import type { PreparedCluster } from './prepare-cluster.ts';

/** How to reach a cluster, as the registry knows it. */
export interface ClusterAddress {
  name: string;
  /** Owner login. */
  url: string;
  /** A streaming replica, for reads that say so. */
  replicaUrl: string | null;
  /** One more than the highest home that its tenants live in. */
  homes: number;
}

/** Port to the registry of clusters, which a domain module keeps. The main cluster is not in it. */
export abstract class ClusterDirectory {
  abstract addressOf(name: string): Promise<ClusterAddress | null>;
  /** Names of all clusters, the main one included. */
  abstract listNames(): Promise<string[]>;
  /** Names of those where schemas are kept ready for sign-ups. */
  abstract listAccepting(): Promise<string[]>;
}

/** A database that holds tenants, ready for use by this process. */
export interface Cluster {
  name: string;
  database: PreparedCluster;
  /** Null without a replica. */
  replicaUrl: string | null;
  /** Few connections, as the owner: provisioning, migrations, copies. */
  owner: pg.Pool;
  /** Few connections to the schema `platform`. */
  platform: pg.Pool;
}

const OWNER_CONNECTIONS = 2;
const PLATFORM_CONNECTIONS = 1;
/** After so long without an answer a server counts as away, for so long. */
const SILENT_MS = 5_000;
const AWAY_MS = 30_000;

/**
 * The databases that hold tenants. The main one is there from the start; the others are prepared at first use, so that
 * one which is away keeps nobody else from starting.
 */
export class Clusters {
  readonly main: Cluster;
  readonly #open = new Map<string, Promise<Cluster>>();
  readonly #away = new Map<string, number>();
  readonly #onForget: ((name: string) => Promise<void>)[] = [];

  constructor(
    main: PreparedCluster,
    mainReplicaUrl: string | null,
    private readonly directory: ClusterDirectory,
    private readonly prepare: (address: ClusterAddress) => Promise<PreparedCluster>,
    private readonly log: Logger,
  ) {
    this.main = this.#cluster(main, mainReplicaUrl);
    this.#open.set(main.name, Promise.resolve(this.main));
  }

  /** @throws ClusterUnavailable when it is unknown, or cannot be reached now */
  get(name: string): Promise<Cluster> {
    const known = this.#open.get(name);
    if (known) return known;
    const opening = this.#prepare(name);
    this.#open.set(name, opening);
    // A failed start must not be remembered, unless it was begun anew meanwhile.
    opening.catch(() => this.#open.get(name) === opening && this.#open.delete(name));
    return opening;
  }

  /** The cluster, which has answered just now. @throws ClusterUnavailable */
  async ask(name: string): Promise<Cluster> {
    const cluster = await this.get(name);
    try {
      await cluster.platform.query('SELECT 1');
      return cluster;
    } catch (error) {
      this.markAway(name);
      throw new ClusterUnavailable(name, error instanceof Error ? error.message : String(error), error);
    }
  }

  /** It did not answer just now: nobody new is placed there for a while. */
  markAway(name: string): void {
    this.#away.set(name, Date.now() + AWAY_MS);
  }

  markThere(name: string): void {
    this.#away.delete(name);
  }

  isAway(name: string): boolean {
    return (this.#away.get(name) ?? 0) > Date.now();
  }

  listNames(): Promise<string[]> {
    return this.directory.listNames();
  }

  listAccepting(): Promise<string[]> {
    return this.directory.listAccepting();
  }

  /** Names of those that are open here and whose address is no longer what it was when they were opened. */
  async listOutdated(): Promise<string[]> {
    const outdated: string[] = [];
    for (const [name, opening] of this.#open) {
      if (name === this.main.name) continue;
      const open = await opening.catch(() => null);
      const address = await this.directory.addressOf(name);
      if (open && (open.database.ownerUrl !== address?.url || open.replicaUrl !== address.replicaUrl))
        outdated.push(name);
    }
    return outdated;
  }

  /** For whoever keeps connections to clusters of their own, and has to close them then. */
  onForget(close: (name: string) => Promise<void>): void {
    this.#onForget.push(close);
  }

  /** Its address changed, or it is gone: opened anew when it is needed. */
  async forget(name: string): Promise<void> {
    const open = this.#open.get(name);
    if (!open || name === this.main.name) return;
    this.#open.delete(name);
    await Promise.all([open.then(end, () => undefined), ...this.#onForget.map((close) => close(name))]);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((open) => open.then(end, () => undefined)));
  }

  async #prepare(name: string): Promise<Cluster> {
    const address = await this.directory.addressOf(name);
    if (!address) throw new ClusterUnavailable(name, 'the registry does not know it');
    try {
      return this.#cluster(await this.prepare(address), address.replicaUrl);
    } catch (error) {
      this.markAway(name);
      this.log.warn({ err: error, cluster: name }, 'cluster cannot be used');
      throw new ClusterUnavailable(name, error instanceof Error ? error.message : String(error), error);
    }
  }

  #cluster(database: PreparedCluster, replicaUrl: string | null): Cluster {
    const { name, ownerUrl, platformUrl } = database;
    return {
      name,
      database,
      replicaUrl,
      owner: this.#pool(ownerUrl, 'owner', OWNER_CONNECTIONS, name),
      platform: this.#pool(platformUrl, 'platform', PLATFORM_CONNECTIONS, name),
    };
  }

  #pool(url: string, what: 'owner' | 'platform', max: number, cluster: string): pg.Pool {
    const pool = new pg.Pool({
      // Short work only, which must not wait for a server that has fallen silent; the owner's may be long.
      ...(what === 'platform' ? { query_timeout: SILENT_MS } : {}),
      keepAlive: true,
      connectionString: url,
      max,
      // A backend that has made or changed many schemas gets slower with each: it remembers all of them.
      maxUses: 200,
      connectionTimeoutMillis: what === 'platform' ? SILENT_MS : 30_000,
      idleTimeoutMillis: 10_000,
      application_name: `projectflow ${what}`,
    });
    pool.on('error', (error) => this.log.warn({ err: error, cluster }, `idle ${what} connection lost`));
    pool.on('connect', (client) =>
      client.on('error', (error) => this.log.warn({ err: error, cluster }, `${what} connection lost`)),
    );
    return pool;
  }
}

async function end({ owner, platform }: Cluster): Promise<void> {
  await Promise.all([owner.end(), platform.end()]);
}
