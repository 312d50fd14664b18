import { Injectable } from '@nestjs/common';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { TasksService } from '../tasks/tasks.service.ts';
import { canSeeDeleted, canSeeFigures } from './activity.policy.ts';
import { listActivity, type ActivityRow } from './activity.queries.ts';

@Injectable()
export class ActivityService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly tasks: TasksService,
  ) {}

  /**
   * What happened in the project and to those of its tasks that the actor may see: of deleted ones, whoever may delete
   * there.
   *
   * @throws ProjectMissing
   */
  async list(ctx: TenantContext, projectId: string, query: ListQuery): Promise<Page<ActivityRow>> {
    const ties = await this.projects.tiesTo(ctx, projectId);
    const parameters: unknown[] = [projectId];
    const conditions = [
      ...(canSeeDeleted(ctx.actor, ties) ? [] : [NOT_DELETED]),
      ...(this.tasks.seesAllOf(ctx, ties) ? [] : [among(this.tasks.visible(ctx, parameters))]),
    ];
    const ofTasks = conditions.join(' AND ') || 'true';
    const figures = canSeeFigures(ctx.actor, ties);
    return listActivity(ctx, projectId, { ofTasks, parameters: parameters.slice(1), figures }, query);
  }
}

/** Looked up for each row that is read: as a join it would keep the history from being read in the order of time. */
const NOT_DELETED = `coalesce((SELECT d.deleted_at IS NULL FROM "@tenant".tasks d WHERE d.id = a.task_id), true)`;

function among(visible: string): string {
  return `a.task_id IN (SELECT t.id FROM "@tenant".tasks t WHERE t.project_id = $1 AND ${visible})`;
}
