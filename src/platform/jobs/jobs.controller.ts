import { Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ForOperators } from '../access/access.decorators.ts';
import type { ListQuery } from '../database/list-query.types.ts';
import type { Page } from '../database/page.ts';
import { IdParam } from '../http/id-param.ts';
import { JobResponse, toJobResponse } from '../http/job-response.ts';
import { ApiList, List, type ListSpec } from '../http/list-query.ts';
import { Answers, AnswersPage, Does } from '../http/openapi.ts';
import type { JobReport } from './job.ts';
import { JobMissing, JobNotDead } from './jobs.errors.ts';
import { Jobs } from './jobs.ts';

const JOB_LIST: ListSpec = {
  filters: {
    state: { kind: 'choice', choices: ['queued', 'running', 'done', 'failed', 'dead'] },
    name: { kind: 'text' },
    tenantId: { kind: 'id' },
    createdAt: { kind: 'time' },
  },
  sorts: ['createdAt'],
  defaultSort: '-createdAt',
};

/** Background jobs of all tenants. What they hold is ids: nothing of a tenant's own data is in them. */
@ApiTags('platform')
@Controller('platform/jobs')
export class JobsController {
  constructor(private readonly jobs: Jobs) {}

  @Does('List the background jobs of all tenants', "They hold ids only, and nothing of a tenant's own data.")
  @Get()
  @ForOperators()
  @ApiList(JOB_LIST)
  @AnswersPage(JobResponse)
  async list(@List(JOB_LIST) query: ListQuery): Promise<Page<JobResponse>> {
    return (await this.jobs.page(query)).map(toJobResponse);
  }

  @Does('Read a background job', 'The state of what an answer with 202 began.')
  @Get(':id')
  @ForOperators()
  @Answers(200, JobResponse)
  async get(@IdParam() id: string): Promise<JobResponse> {
    return toJobResponse(await this.#get(id));
  }

  @Does('Try a dead job once more', 'It keeps its id. A job that is not dead answers 409.')
  @Post(':id/retry')
  @ForOperators('job.retry')
  @Answers(202, JobResponse)
  async retry(@IdParam() id: string): Promise<JobResponse> {
    await this.#get(id);
    if (!(await this.jobs.retry(id))) throw new JobNotDead();
    return toJobResponse(await this.#get(id));
  }

  async #get(id: string): Promise<JobReport> {
    const job = await this.jobs.findAny(id);
    if (!job) throw new JobMissing();
    return job;
  }
}
