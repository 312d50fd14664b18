import { Injectable } from '@nestjs/common';
import type { JobRun } from '../platform/jobs/job.ts';
import { Performs } from '../platform/jobs/performs.ts';
import { REBUILD_SEARCH } from './search.types.ts';
import { SearchSettingsService } from './search-settings.service.ts';

@Injectable()
export class SearchJobs {
  constructor(private readonly settings: SearchSettingsService) {}

  @Performs(REBUILD_SEARCH)
  async rebuild(payload: { tenantId: string }, run: JobRun): Promise<void> {
    await this.settings.rebuild(payload, run);
  }
}
