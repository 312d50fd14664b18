import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { REDIS } from '../cache/cache.module.ts';
import { PRODUCT_VERSION } from '../config/version.ts';
import { ClusterHealth } from '../database/cluster-health.service.ts';
import { TenantDataSources } from '../database/tenant-data-sources.ts';
import { TenantHomes } from '../database/tenant-homes.ts';

export type Readiness = 'ready' | 'not ready' | 'stopping';
export type ServiceStatus = 'up' | 'down' | 'off';

export interface HealthReport {
  status: 'healthy' | 'degraded' | 'unhealthy';
  timestamp: string;
  version: string;
  services: {
    database: { status: ServiceStatus; connections: { total: number; idle: number; waiting: number } };
    redis: { status: ServiceStatus };
    /** As they were when they were last asked, some seconds ago. */
    clusters: { name: string; status: ServiceStatus; since: string }[];
    tenantSchemas: { status: ServiceStatus; handles: number; ready: number | null };
  };
}

const PATIENCE_MS = 2_000;

@Injectable()
export class HealthService {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    @Inject(REDIS) private readonly redis: Redis | null,
    private readonly homes: TenantHomes,
    private readonly handles: TenantDataSources,
    private readonly clusters: ClusterHealth,
  ) {}

  #isDraining = false;

  /** From now on balancers are asked to send requests elsewhere; those that still come are served. */
  startDraining(): void {
    this.#isDraining = true;
  }

  /** Whether requests can be served: the database answers, and this process is not about to stop. Redis away is no reason to send nobody. */
  async readiness(): Promise<Readiness> {
    if (this.#isDraining) return 'stopping';
    return (await this.#readySchemas()) === null ? 'not ready' : 'ready';
  }

  async report(): Promise<HealthReport> {
    const [ready, redis] = await Promise.all([this.#readySchemas(), this.#redisStatus()]);
    const clusters = this.clusters.view.map(({ name, answers, since }) => ({
      name,
      status: answers ? ('up' as const) : ('down' as const),
      since: since.toISOString(),
    }));
    const isDegraded = redis === 'down' || clusters.some(({ status }) => status === 'down');
    const database: ServiceStatus = ready === null ? 'down' : 'up';
    return {
      status: database === 'down' ? 'unhealthy' : isDegraded ? 'degraded' : 'healthy',
      timestamp: new Date().toISOString(),
      version: PRODUCT_VERSION,
      services: {
        database: { status: database, connections: this.homes.stats() },
        redis: { status: redis },
        clusters,
        tenantSchemas: { status: database, handles: this.handles.stats.cached, ready },
      },
    };
  }

  /** How many schemas wait for a sign-up; null when the database does not answer. */
  async #readySchemas(): Promise<number | null> {
    const asked = this.registry.query<{ ready: number }[]>('SELECT count(*)::int AS ready FROM public.ready_schemas');
    return within(
      asked.then((rows) => rows[0]!.ready),
      null,
    );
  }

  async #redisStatus(): Promise<ServiceStatus> {
    if (!this.redis) return 'off';
    return within(
      this.redis.ping().then((): ServiceStatus => 'up'),
      'down',
    );
  }
}

async function within<T, F>(asked: Promise<T>, otherwise: F): Promise<T | F> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<F>((resolve) => (timer = setTimeout(() => resolve(otherwise), PATIENCE_MS)));
  try {
    return await Promise.race([asked.catch(() => otherwise), late]);
  } finally {
    clearTimeout(timer);
  }
}
