import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type pg from 'pg';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { News } from '../platform/cache/news.ts';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import { ClusterHealth } from '../platform/database/cluster-health.service.ts';
import { Clusters } from '../platform/database/clusters.ts';
import { ClusterUnavailable } from '../platform/database/database.errors.ts';
import { sqlState } from '../platform/database/database-problem.ts';
import { disclaim } from '../platform/database/prepare-cluster.ts';
import { MAIN_CLUSTER } from '../platform/database/prepare-database.ts';
import { ReadyPool } from '../platform/database/ready-pool.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { SEALED_REPLICA_URL, SEALED_URL } from './clusters.types.ts';
import { ClusterInUse, ClusterNotFound, ClusterRefused, ClusterTaken, NoClusterForTenant } from './clusters.errors.ts';
import { listClusters, type ClusterSummary } from './clusters.queries.ts';
import { choosePlace, type Wish } from './placement.rules.ts';

export interface NewCluster {
  name: string;
  /** Owner login of a database that is empty, or was this installation's before. */
  url: string;
  replicaUrl?: string;
  region?: string;
  plans?: string[];
  capacity?: number;
  /** Kept for one tenant, which is put there by name. */
  dedicated?: boolean;
}

export interface ClusterWithHealth extends ClusterSummary {
  answers: boolean;
  /** Why it does not answer; null when it does. */
  reason: string | null;
}

export type ClusterChanges = Partial<Omit<NewCluster, 'name'>> & { accepts?: boolean };

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
const CLUSTER_CHANGED = 'cluster';
const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/** The operators' verbs over databases. They run outside any tenant, so they take no TenantContext. */
@Injectable()
export class ClustersService implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly box: SecretBox,
    private readonly clusters: Clusters,
    private readonly health: ClusterHealth,
    private readonly readyPool: ReadyPool,
    @Inject(LOGGER) private readonly log: Logger,
    private readonly news: News,
  ) {}

  /** Other processes change addresses too. Whatever may have been missed is compared when news arrive again. */
  onModuleInit(): void {
    const tell = (error: unknown) => this.log.warn({ err: error }, 'a changed cluster could not be closed');
    this.news.on(CLUSTER_CHANGED, () => void this.#closeOutdated().catch(tell));
    this.news.onGap(() => void this.#closeOutdated().catch(tell));
  }

  list(): Promise<ClusterSummary[]> {
    return listClusters(this.registry.manager);
  }

  /** @throws ClusterNotFound */
  async get(name: string): Promise<ClusterSummary> {
    const cluster = (await this.list()).find((each) => each.name === name);
    if (!cluster) throw new ClusterNotFound(name);
    return cluster;
  }

  /** With whether each answers at this moment; one that does not is waited for two seconds at most. */
  async listWithHealth(): Promise<ClusterWithHealth[]> {
    const [clusters] = await Promise.all([this.list(), this.health.look()]);
    const states = new Map(this.health.view.map((state) => [state.name, state]));
    return clusters.map((cluster) => {
      const state = states.get(cluster.name);
      const answers = state?.answers ?? true;
      return {
        ...cluster,
        answers,
        reason: state?.reason ?? null,
        awaySince: answers ? null : (cluster.awaySince ?? state?.since ?? null),
      };
    });
  }

  /** @throws ClusterNotFound */
  async getWithHealth(name: string): Promise<ClusterWithHealth> {
    const cluster = (await this.listWithHealth()).find((each) => each.name === name);
    if (!cluster) throw new ClusterNotFound(name);
    return cluster;
  }

  /** Asks it now; waits two seconds at most. One that does not answer takes no new tenants from here on. */
  answers(name: string): Promise<boolean> {
    return this.health.ask(name);
  }

  /** Where a new tenant goes: one that is away is left out, and not waited for. @throws NoClusterForTenant */
  async place(wish: Wish): Promise<string> {
    await this.health.looked();
    const reachable = (await this.list()).filter((cluster) => !this.clusters.isAway(cluster.name));
    const chosen = choosePlace(reachable, wish);
    if (!chosen) throw new NoClusterForTenant(wish.plan, wish.region);
    return chosen.name;
  }

  /** For a tenant that is put there by name. @throws ClusterNotFound, ClusterRefused when it is kept for another one */
  async demandRoom(name: string): Promise<void> {
    const { dedicated, tenants } = await this.get(name);
    if (dedicated && tenants > 0) throw new ClusterRefused(`${name} is kept for one tenant, and that one lives there.`);
  }

  /**
   * Adds a database that can be reached and prepared now; otherwise nothing is kept of it.
   *
   * @throws ClusterTaken, ClusterRefused
   */
  async add(cluster: NewCluster): Promise<ClusterSummary> {
    const { name, region = null, plans = [], dedicated = false } = cluster;
    if (!NAME.test(name)) throw new ClusterRefused('A cluster has a name of 1 to 40 of a to z, 0 to 9 and hyphens.');
    try {
      await this.registry.query(
        // Closed until it was reached: sign-ups must not be placed there before.
        `INSERT INTO public.clusters (name, url, replica_url, region, plans, capacity, dedicated, accepts) VALUES ($1, $2, $3, $4, $5, $6, $7, false)`,
        [
          name,
          this.#seal(name, 'url', cluster.url),
          this.#seal(name, 'replica', cluster.replicaUrl),
          region,
          plans,
          cluster.capacity ?? (dedicated ? 1 : 2000),
          dedicated,
        ],
      );
    } catch (error) {
      if (sqlState(error) === UNIQUE_VIOLATION) throw new ClusterTaken(name);
      throw error;
    }
    await this.#check(name, () => this.registry.query('DELETE FROM public.clusters WHERE name = $1', [name]));
    await this.registry.query('UPDATE public.clusters SET accepts = true WHERE name = $1', [name]);
    await this.news.publish(CLUSTER_CHANGED, name);
    return this.get(name);
  }

  /** @throws ClusterNotFound, ClusterRefused when it cannot be reached at its new address; then it keeps the old one */
  async change(name: string, changes: ClusterChanges): Promise<ClusterSummary> {
    const before = await this.#row(name);
    if (name === MAIN_CLUSTER && (changes.url ?? changes.replicaUrl) !== undefined)
      throw new ClusterRefused('The address of the main cluster is DATABASE_URL, its replica DATABASE_REPLICA_URL.');
    const row = {
      url: changes.url === undefined ? before.url : this.#seal(name, 'url', changes.url),
      replica_url:
        changes.replicaUrl === undefined ? before.replica_url : this.#seal(name, 'replica', changes.replicaUrl),
      region: changes.region ?? before.region,
      plans: changes.plans ?? before.plans,
      capacity: changes.capacity ?? before.capacity,
      dedicated: changes.dedicated ?? before.dedicated,
      accepts: changes.accepts ?? before.accepts,
    };
    await this.#update(name, row);
    if (row.url !== before.url || row.replica_url !== before.replica_url) {
      await this.#check(name, () => this.#update(name, before));
      await this.news.publish(CLUSTER_CHANGED, name);
    }
    return this.get(name);
  }

  /**
   * Takes a database out of use; what the product made in it besides tenants stays.
   *
   * @throws ClusterNotFound, ClusterInUse
   */
  async remove(name: string): Promise<void> {
    await this.get(name);
    if (name === MAIN_CLUSTER) throw new ClusterRefused('The main cluster holds the registry and cannot be removed.');
    await this.#demandUnused(name);
    const before = await this.#row(name);
    await this.#update(name, { ...before, accepts: false });
    try {
      // Again, now that nobody new is placed there.
      await this.#demandUnused(name);
      await this.#clear(name);
      await this.registry.query('DELETE FROM public.clusters WHERE name = $1', [name]);
    } catch (error) {
      await this.#update(name, before);
      if (sqlState(error) === FOREIGN_KEY_VIOLATION) throw new ClusterInUse(name, 'Something is being made there');
      throw error;
    }
    await this.clusters.forget(name);
    await this.news.publish(CLUSTER_CHANGED, name);
  }

  async #clear(name: string): Promise<void> {
    try {
      const { owner } = await this.clusters.get(name);
      await this.readyPool.empty(name);
      await disclaim(owner);
    } catch (error) {
      if (!(error instanceof ClusterUnavailable)) throw error;
      // A server that is gone for good has to be removable; what was ready there went with it.
      this.log.warn({ err: error, cluster: name }, 'the cluster is away; what was made there is not removed');
      await this.registry.query('DELETE FROM public.ready_schemas WHERE cluster = $1', [name]);
    }
  }

  async #demandUnused(name: string): Promise<void> {
    const { tenants } = await this.get(name);
    if (tenants > 0) throw new ClusterInUse(name, `${tenants} tenants live there`);
    const rows = await this.registry.query<{ copies: number }[]>(
      `SELECT count(*)::int AS copies FROM public.tenant_moves
        WHERE state IN ('copying', 'switched') AND $1 IN (from_place ->> 'cluster', to_place ->> 'cluster')`,
      [name],
    );
    if (rows[0]!.copies > 0)
      throw new ClusterInUse(name, `${rows[0]!.copies} old copies of moved tenants are kept there`);
  }

  async #closeOutdated(): Promise<void> {
    for (const name of await this.clusters.listOutdated()) await this.clusters.forget(name);
  }

  #seal(name: string, what: 'url' | 'replica', url: string | undefined): string | null {
    if (!url) return null;
    if (!URL.canParse(url) || !/^postgres(?:ql)?:$/.test(new URL(url).protocol))
      throw new ClusterRefused('An address looks like postgres://user:password@host:5432/database.');
    return this.box.seal(url, (what === 'url' ? SEALED_URL : SEALED_REPLICA_URL).place(name));
  }

  async #check(name: string, undo: () => Promise<unknown>): Promise<void> {
    await this.clusters.forget(name);
    try {
      const { owner } = await this.clusters.get(name);
      await this.#demandTenants(name, owner);
    } catch (error) {
      await undo();
      await this.clusters.forget(name);
      throw error instanceof ClusterUnavailable ? new ClusterRefused(error.reason) : error;
    }
  }

  /** An address with a wrong letter in it may be that of another, empty database. */
  async #demandTenants(name: string, owner: pg.Pool): Promise<void> {
    const rows = await this.registry.query<{ schema: string }[]>(
      `SELECT schema_name AS schema FROM public.tenants WHERE cluster = $1 AND status NOT IN ('provisioning', 'deleted')`,
      [name],
    );
    const { rows: missing } = await owner.query(
      'SELECT 1 FROM unnest($1::text[]) AS schema WHERE NOT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = schema)',
      [rows.map((row) => row.schema)],
    );
    if (missing.length > 0)
      throw new ClusterRefused(
        `In that database ${missing.length} of the ${rows.length} tenants of ${name} are not there.`,
      );
  }

  async #row(name: string): Promise<ClusterRow> {
    const rows = await this.registry.query<ClusterRow[]>(
      'SELECT url, replica_url, region, plans, capacity, dedicated, accepts FROM public.clusters WHERE name = $1',
      [name],
    );
    if (!rows[0]) throw new ClusterNotFound(name);
    return rows[0];
  }

  async #update(name: string, row: ClusterRow): Promise<void> {
    await this.registry.query(
      `UPDATE public.clusters SET url = $2, replica_url = $3, region = $4, plans = $5, capacity = $6, dedicated = $7, accepts = $8
        WHERE name = $1`,
      [name, row.url, row.replica_url, row.region, row.plans, row.capacity, row.dedicated, row.accepts],
    );
  }
}

interface ClusterRow {
  url: string | null;
  replica_url: string | null;
  region: string | null;
  plans: string[];
  capacity: number;
  dedicated: boolean;
  accepts: boolean;
}
