import { Injectable } from '@nestjs/common';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { TasksService } from '../tasks/tasks.service.ts';
import { listActivity, type ActivityRow } from './activity.queries.ts';

@Injectable()
export class ActivityService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly tasks: TasksService,
  ) {}

  /** What happened in the project and to those of its tasks that the actor may see. @throws ProjectMissing */
  async list(ctx: TenantContext, projectId: string, query: ListQuery): Promise<Page<ActivityRow>> {
    const ties = await this.projects.tiesTo(ctx, projectId);
    if (this.tasks.seesAllOf(ctx, ties))
      return listActivity(ctx, projectId, { ofTasks: 'true', parameters: [] }, query);
    const parameters: unknown[] = [projectId];
    const visible = this.tasks.visible(ctx, parameters);
    const ofTasks = `h.task_id IN (SELECT t.id FROM "@tenant".tasks t WHERE t.project_id = $1 AND ${visible})`;
    return listActivity(ctx, projectId, { ofTasks, parameters: parameters.slice(1) }, query);
  }
}
