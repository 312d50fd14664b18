import { Injectable } from '@nestjs/common';
import { ClustersService } from '../clusters/clusters.service.ts';
import type { JobReport, JobRun } from '../platform/jobs/job.ts';
import { Jobs } from '../platform/jobs/jobs.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { MovesService } from './moves.service.ts';
import { MOVE_TENANT, type MoveOrder, type MoveOutcome, type MoveRecord } from './moves.types.ts';

/** Moves that are ordered now and carried out by whichever process does background work. */
@Injectable()
export class MoveOrders {
  constructor(
    private readonly tenants: TenantsService,
    private readonly clusters: ClustersService,
    private readonly moves: MovesService,
    private readonly jobs: Jobs,
  ) {}

  /** @throws TenantNotFound, ClusterNotFound */
  async order(order: MoveOrder): Promise<JobReport> {
    await this.tenants.get(order.tenantId);
    await this.clusters.get(order.cluster);
    // Not as the tenant's job: those wait while it is suspended, and a suspended tenant can be moved.
    const id = await this.jobs.send(MOVE_TENANT, order, { singletonKey: order.tenantId });
    return (await this.jobs.findAny(id))!;
  }

  /** The job. */
  async carryOut({ tenantId, cluster }: MoveOrder, run: JobRun): Promise<MoveOutcome> {
    const { slug } = await this.tenants.get(tenantId);
    return this.moves.move(slug, cluster, (rows) => run.progress(rows, rows));
  }

  /** Newest first. @throws TenantNotFound */
  async list(tenantId: string): Promise<MoveRecord[]> {
    return this.moves.list({ slug: (await this.tenants.get(tenantId)).slug });
  }

  /** Removes the copy that was kept. @throws TenantNotFound, NoMoveToConfirm */
  async confirm(tenantId: string): Promise<void> {
    await this.moves.confirm((await this.tenants.get(tenantId)).slug);
  }
}
