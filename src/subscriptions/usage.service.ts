import { Inject, Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { Clusters } from '../platform/database/clusters.ts';
import { FileStore } from '../platform/files/file-store.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import { TenantDirectory, type Tenant } from '../platform/tenancy/tenant.types.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { UsersService } from '../users/users.service.ts';
import { measureSchema } from './storage.queries.ts';
import { PeriodRefused } from './subscriptions.errors.ts';

export interface Use {
  users: number;
  projects: number;
  storageBytes: number;
}

/** What a tenant used on one day (UTC): requests counted, the rest as last measured that day. */
export interface DailyUse extends Use {
  day: string;
  requests: number;
}

const MOST_DAYS = 366;
const DAY_MS = 24 * 60 * 60 * 1000;

@Injectable()
export class UsageService {
  constructor(
    @InjectDataSource() private readonly registry: DataSource,
    private readonly clusters: Clusters,
    private readonly contexts: TenantContexts,
    private readonly directory: TenantDirectory,
    private readonly users: UsersService,
    private readonly projects: ProjectsService,
    private readonly files: FileStore,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** What counts against the plan now; storage as it was last measured. */
  async now(ctx: TenantContext): Promise<Use> {
    const [users, projects] = await Promise.all([this.users.countActive(ctx), this.projects.count(ctx)]);
    return { users, projects, storageBytes: ctx.tenant.storageBytes };
  }

  /** Days without any use are left out. @param from first and last day, `YYYY-MM-DD` @throws PeriodRefused */
  async list({ tenant }: TenantContext, from: string, to: string): Promise<DailyUse[]> {
    if (from > to) throw new PeriodRefused('from', 'from must not be after to.');
    if ((Date.parse(to) - Date.parse(from)) / DAY_MS >= MOST_DAYS)
      throw new PeriodRefused('from', `At most ${MOST_DAYS} days at a time.`);
    const rows = await this.registry.query<(DailyUse & { requests: string; storageBytes: string })[]>(
      `SELECT day::text, requests, users, projects, storage_bytes AS "storageBytes" FROM public.usage_daily
        WHERE tenant_id = $1 AND day BETWEEN $2 AND $3 ORDER BY day`,
      [tenant.id, from, to],
    );
    return rows.map((row) => ({ ...row, requests: Number(row.requests), storageBytes: Number(row.storageBytes) }));
  }

  /** Measures every tenant that had a request today. One that cannot be measured now is left for the next time. */
  async measureAll(): Promise<number> {
    const rows = await this.registry.query<{ id: string }[]>(
      `SELECT tenant_id AS id FROM public.usage_daily WHERE day = (now() AT TIME ZONE 'UTC')::date`,
    );
    let measured = 0;
    for (const { id } of rows) {
      const tenant = await this.directory.findById(id);
      if (!tenant || !this.contexts.canServe(tenant)) continue;
      try {
        await this.measure(tenant);
        measured += 1;
      } catch (error) {
        this.log.warn({ err: error, tenant: tenant.slug }, 'usage could not be measured');
      }
    }
    return measured;
  }

  async measure(tenant: Tenant): Promise<Use> {
    const use = { ...(await this.now(await this.contexts.open(tenant))), storageBytes: await this.#storageOf(tenant) };
    await this.registry.query(
      `INSERT INTO public.usage_daily (tenant_id, day, users, projects, storage_bytes)
       VALUES ($1, (now() AT TIME ZONE 'UTC')::date, $2, $3, $4)
       ON CONFLICT (tenant_id, day) DO UPDATE SET users = excluded.users, projects = excluded.projects, storage_bytes = excluded.storage_bytes`,
      [tenant.id, use.users, use.projects, use.storageBytes],
    );
    await this.registry.query('UPDATE public.tenants SET storage_bytes = $2 WHERE id = $1', [
      tenant.id,
      use.storageBytes,
    ]);
    return use;
  }

  /** Tables with their indexes, but for sign-ins that were refused, and files, in bytes. */
  async #storageOf({ id, binding }: Tenant): Promise<number> {
    const { owner } = await this.clusters.get(binding.cluster);
    return (await measureSchema(owner, binding.schema)) + (await this.files.sizeOf(id));
  }
}
