import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller.ts';
import type { JobReport, JobRun } from '../platform/jobs/job.ts';
import { Jobs } from '../platform/jobs/jobs.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import type { ArchiveRecord } from './archive.entity.ts';
import { ArchivesService } from './archives.service.ts';
import { CLONE_TENANT, type CloneOrder } from './archives.types.ts';
import { TenantArchives } from './tenant-archives.service.ts';

/** Operators' orders over whole tenants, carried out by whichever process does background work. */
@Injectable()
export class ArchiveOrders {
  constructor(
    private readonly tenants: TenantsService,
    private readonly archives: TenantArchives,
    private readonly exports: ArchivesService,
    private readonly contexts: TenantContexts,
    private readonly jobs: Jobs,
  ) {}

  /** @throws TenantNotFound, PlanMissing, SlugNotAllowed, SlugTaken */
  async clone(order: CloneOrder): Promise<JobReport> {
    await this.tenants.get(order.tenantId);
    await this.tenants.demandFree(order.wanted.slug);
    if (order.wanted.plan !== undefined) await this.tenants.demandPlan(order.wanted.plan);
    const id = await this.jobs.send(CLONE_TENANT, order, { singletonKey: order.wanted.slug });
    return (await this.jobs.findAny(id))!;
  }

  /** The job. */
  async carryOut({ tenantId, wanted }: CloneOrder, run: JobRun): Promise<{ tenantId: string }> {
    const { slug } = await this.tenants.get(tenantId);
    const { id } = await this.archives.clone(slug, wanted, (done, total) => run.progress(done, total));
    return { tenantId: id };
  }

  /** Has an export written, as if the organisation had asked for it. @throws TenantNotFound, ExportsFull */
  async export(tenantId: string, caller: Caller): Promise<ArchiveRecord> {
    return this.exports.request(await this.#open(tenantId, caller));
  }

  /** @throws TenantNotFound */
  async listExports(tenantId: string, caller: Caller): Promise<ArchiveRecord[]> {
    return this.exports.list(await this.#open(tenantId, caller));
  }

  async #open(tenantId: string, caller: Caller): Promise<TenantContext> {
    return this.contexts.open(await this.tenants.get(tenantId), undefined, caller);
  }
}
