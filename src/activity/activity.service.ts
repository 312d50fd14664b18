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

const NOT_DELETED = `NOT EXISTS (SELECT 1 FROM "@tenant".tasks d WHERE d.id = h.task_id AND d.deleted_at IS NOT NULL)`;

function among(visible: string): string {
  return `h.task_id IN (SELECT t.id FROM "@tenant".tasks t WHERE t.project_id = $1 AND ${visible})`;
}
