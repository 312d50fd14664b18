import { Injectable } from '@nestjs/common';
import type { JobRun } from '../platform/jobs/job.ts';
import { Performs } from '../platform/jobs/performs.ts';
import { MIGRATE_FLEET, type FleetOutcome, type MigrationOrder } from './fleet.types.ts';
import { MigrationOrders } from './migration-orders.service.ts';

@Injectable()
export class FleetJobs {
  constructor(private readonly orders: MigrationOrders) {}

  @Performs(MIGRATE_FLEET)
  migrate(order: MigrationOrder, run: JobRun): Promise<FleetOutcome> {
    return this.orders.carryOut(order, run);
  }
}
