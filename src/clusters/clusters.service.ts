import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import { Clusters } from '../platform/database/clusters.ts';
import { ClusterUnavailable } from '../platform/database/database.errors.ts';
import { sqlState } from '../platform/database/database-problem.ts';
import { MAIN_CLUSTER } from '../platform/database/prepare-database.ts';
import { ReadyPool } from '../platform/database/ready-pool.ts';
import { sealContext } from './cluster-directory.service.ts';
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

export type ClusterChanges = Partial<Omit<NewCluster, 'name'>> & { accepts?: boolean };

const UNIQUE_VIOLATION = '23505';
const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/** The operators' verbs over databases. They run outside any tenant, so they take no TenantContext. */
@Injectable()
export class ClustersService {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly box: SecretBox,
    private readonly clusters: Clusters,
    private readonly readyPool: ReadyPool,
  ) {}

  list(): Promise<ClusterSummary[]> {
    return listClusters(this.registry.manager);
  }

  /** @throws ClusterNotFound */
  async get(name: string): Promise<ClusterSummary> {
    const cluster = (await this.list()).find((each) => each.name === name);
    if (!cluster) throw new ClusterNotFound(name);
    return cluster;
  }

  /** Where a new tenant goes. @throws NoClusterForTenant */
  async place(wish: Wish): Promise<string> {
    const chosen = choosePlace(await this.list(), wish);
    if (!chosen) throw new NoClusterForTenant(wish.plan, wish.region);
    return chosen.name;
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
        `INSERT INTO public.clusters (name, url, replica_url, region, plans, capacity, dedicated) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
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
    await this.clusters.forget(name);
    await this.#check(name, () => this.#update(name, before));
    return this.get(name);
  }

  /** Takes a database out of use; what the product made in it besides tenants stays. @throws ClusterNotFound, ClusterInUse */
  async remove(name: string): Promise<void> {
    const { tenants } = await this.get(name);
    if (name === MAIN_CLUSTER) throw new ClusterRefused('The main cluster holds the registry and cannot be removed.');
    if (tenants > 0) throw new ClusterInUse(name, tenants);
    await this.#update(name, { ...(await this.#row(name)), accepts: false });
    await this.readyPool.empty(name);
    await this.registry.query('DELETE FROM public.clusters WHERE name = $1', [name]);
    await this.clusters.forget(name);
  }

  #seal(name: string, what: 'url' | 'replica', url: string | undefined): string | null {
    if (!url) return null;
    if (!URL.canParse(url) || !/^postgres(?:ql)?:$/.test(new URL(url).protocol))
      throw new ClusterRefused('An address looks like postgres://user:password@host:5432/database.');
    return this.box.seal(url, sealContext(name, what));
  }

  async #check(name: string, undo: () => Promise<unknown>): Promise<void> {
    try {
      await this.clusters.get(name);
    } catch (error) {
      await undo();
      throw error instanceof ClusterUnavailable ? new ClusterRefused(error.reason) : error;
    }
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
