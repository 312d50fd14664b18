import { Injectable } from '@nestjs/common';
import type { JobReport, JobRun } from '../platform/jobs/job.ts';
import { Jobs } from '../platform/jobs/jobs.ts';
import { FleetService } from './fleet.service.ts';
import { MIGRATE_FLEET, type FleetOutcome, type FleetStatus, type MigrationOrder } from './fleet.types.ts';

/** Migrations of the fleet that are ordered now and carried out by whichever process does background work. */
@Injectable()
export class MigrationOrders {
  constructor(
    private readonly fleet: FleetService,
    private readonly jobs: Jobs,
  ) {}

  status(): Promise<FleetStatus> {
    return this.fleet.status();
  }

  /** One at a time: while one is under way, that one is given. */
  async order(order: MigrationOrder): Promise<JobReport> {
    const id = await this.jobs.send(MIGRATE_FLEET, order, { singletonKey: 'fleet' });
    return (await this.jobs.findAny(id))!;
  }

  /** The job. Beginning anew takes up what is left. */
  carryOut({ canaryPercent, ...order }: MigrationOrder, run: JobRun): Promise<FleetOutcome> {
    return this.fleet.run({
      work: { kind: 'migrate' },
      ...order,
      canary: canaryPercent === null ? undefined : { percent: canaryPercent },
      signal: run.signal,
      onProgress: ({ done, failed, total }) => run.progress(done + failed, total),
    });
  }
}
