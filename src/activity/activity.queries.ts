import { listPage, type ListSource } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';

export interface ActivityRow {
  id: string;
  subjectType: 'task' | 'project' | 'milestone' | 'workflow' | 'member' | 'team' | 'resource';
  subjectId: string;
  /** What it is called today; null for what has no name of its own. */
  subjectName: string | null;
  field: string;
  oldValue: unknown;
  newValue: unknown;
  actorId: string | null;
  actorName: string | null;
  at: Date;
}

const NO_FIGURES = " AND a.entity_type <> 'resource'";

/**
 * What happened in a project, read from the history through its index on project and time.
 * Names are looked up for the rows of the page alone. Long texts are told as changed, without their values.
 *
 * @param ofTasks a condition on `a.task_id` that leaves out what the actor may not see
 * @param figures whether the actor may see how much of whose time is planned
 */
export function listActivity(
  ctx: TenantContext,
  projectId: string,
  { ofTasks, parameters, figures }: { ofTasks: string; parameters: unknown[]; figures: boolean },
  query: ListQuery,
): Promise<Page<ActivityRow>> {
  const source: ListSource = {
    select: `a.id, a.entity_type AS "subjectType", a.entity_id AS "subjectId", a.field,
      CASE WHEN a.field <> 'description' THEN a.old_value END AS "oldValue",
      CASE WHEN a.field <> 'description' THEN a.new_value END AS "newValue", a.actor_id AS "actorId", a.at,
      (SELECT trim(u.first_name || ' ' || u.last_name) FROM "@tenant".users u WHERE u.id = a.actor_id) AS "actorName",
      CASE a.entity_type
        WHEN 'task' THEN (SELECT t.title FROM "@tenant".tasks t WHERE t.id = a.entity_id)
        WHEN 'project' THEN (SELECT p.name FROM "@tenant".projects p WHERE p.id = a.entity_id)
        WHEN 'milestone' THEN (SELECT m.name FROM "@tenant".milestones m WHERE m.id = a.entity_id)
        WHEN 'team' THEN (SELECT g.name FROM "@tenant".teams g WHERE g.id = a.entity_id)
        WHEN 'member' THEN (SELECT trim(u.first_name || ' ' || u.last_name) FROM "@tenant".users u WHERE u.id = a.entity_id)
      END AS "subjectName"`,
    from: `"@tenant".history a
      WHERE a.project_id = $1 AND (a.task_id IS NULL OR (${ofTasks}))${figures ? '' : NO_FIGURES}`,
    parameters: [projectId, ...parameters],
    columns: {
      subjectType: { sql: 'a.entity_type', type: 'text' },
      subjectId: { sql: 'a.entity_id', type: 'uuid' },
      field: { sql: 'a.field', type: 'text' },
      actorId: { sql: 'a.actor_id', type: 'uuid' },
      at: { sql: 'a.at', type: 'timestamptz' },
    },
    id: { sql: 'a.id', type: 'uuid' },
  };
  return listPage<ActivityRow>(ctx, source, query);
}
