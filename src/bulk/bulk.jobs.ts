import { Injectable } from '@nestjs/common';
import type { JobRun } from '../platform/jobs/job.ts';
import { Performs } from '../platform/jobs/performs.ts';
import { BulkService } from './bulk.service.ts';
import { RUN_BULK } from './bulk.types.ts';

@Injectable()
export class BulkJobs {
  constructor(private readonly bulk: BulkService) {}

  @Performs(RUN_BULK)
  async run(payload: { tenantId: string; runId: string }, run: JobRun): Promise<void> {
    await this.bulk.perform(payload, run);
  }
}
