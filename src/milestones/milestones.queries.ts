import { listPage, type ListSource } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Milestone } from './milestone.entity.ts';

/** How far the tasks of a milestone are; cancelled ones are left out. Hours are estimates. */
export interface Progress {
  tasks: number;
  done: number;
  estimatedHours: number;
  doneHours: number;
  /** done / tasks, rounded where it is looked for: what is shown is found by. */
  completion: number | null;
}

type Row = Omit<Milestone, 'deletedAt'> & Progress;

/** `progress` is null for whoever may not see all tasks of the project. */
export type MilestoneRow = Omit<Milestone, 'deletedAt'> & { progress: Progress | null };

const SELECT = `m.id, m.project_id AS "projectId", m.name, m.description, m.due_date AS "dueDate",
  m.completed_at AS "completedAt", m.created_at AS "createdAt", m.updated_at AS "updatedAt", m.version,
  p.tasks, p.done, p."estimatedHours", p."doneHours",
  p.completion::float8 AS completion`;

/**
 * The tasks belong to a module above, and are read here because no milestone is shown without its progress.
 *
 * @param sees whether the actor may see all tasks of the project; nothing is found by figures that are not shown
 */
const from = (sees: boolean) => `"@tenant".milestones m CROSS JOIN LATERAL (
    SELECT count(*)::int AS tasks, count(*) FILTER (WHERE t.status_category = 'done')::int AS done,
           round(count(*) FILTER (WHERE t.status_category = 'done')::numeric / nullif(count(*), 0), 4) AS completion,
           coalesce(sum(t.estimated_hours), 0)::float8 AS "estimatedHours",
           coalesce(sum(t.estimated_hours) FILTER (WHERE t.status_category = 'done'), 0)::float8 AS "doneHours"
      FROM "@tenant".tasks t
     WHERE t.milestone_id = m.id AND t.deleted_at IS NULL AND t.status_category <> 'cancelled' AND ${sees}) p
  WHERE m.deleted_at IS NULL`;

const SOURCE: Omit<ListSource, 'from' | 'parameters'> = {
  select: SELECT,
  columns: {
    id: { sql: 'm.id', type: 'uuid' },
    name: { sql: 'm.name', type: 'text' },
    description: { sql: 'm.description', type: 'text' },
    dueDate: { sql: 'm.due_date', type: 'date', nullable: true },
    completedAt: { sql: 'm.completed_at', type: 'timestamptz', nullable: true },
    createdAt: { sql: 'm.created_at', type: 'timestamptz' },
    updatedAt: { sql: 'm.updated_at', type: 'timestamptz' },
    tasks: { sql: 'p.tasks', type: 'numeric' },
    done: { sql: 'p.done', type: 'numeric' },
    completion: { sql: 'p.completion', type: 'numeric', nullable: true },
    estimatedHours: { sql: 'p."estimatedHours"::numeric', type: 'numeric' },
    doneHours: { sql: 'p."doneHours"::numeric', type: 'numeric' },
    version: { sql: 'm.version', type: 'numeric' },
  },
  id: { sql: 'm.id', type: 'uuid' },
};

export async function listMilestones(
  ctx: TenantContext,
  projectId: string,
  query: ListQuery,
  sees: boolean,
): Promise<Page<MilestoneRow>> {
  const source = { ...SOURCE, from: `${from(sees)} AND m.project_id = $1`, parameters: [projectId] };
  return (await listPage<Row>(ctx, source, query)).map((row) => withProgress(row, sees));
}

export async function findMilestone(ctx: TenantContext, id: string): Promise<MilestoneRow | null> {
  const rows = await ctx.query<Row>(`SELECT ${SELECT} FROM ${from(true)} AND m.id = $1`, [id]);
  return rows[0] ? withProgress(rows[0], true) : null;
}

function withProgress(row: Row, sees: boolean): MilestoneRow {
  const { tasks, done, estimatedHours, doneHours, completion, ...milestone } = row;
  return { ...milestone, progress: sees ? { tasks, done, estimatedHours, doneHours, completion } : null };
}

/** Whether the project has it; its deletion waits until the transaction ends. */
export async function holdMilestone(tx: TenantContext, projectId: string, id: string): Promise<boolean> {
  const rows = await tx.query(
    `SELECT 1 FROM "@tenant".milestones WHERE id = $1 AND project_id = $2 AND deleted_at IS NULL FOR SHARE`,
    [id, projectId],
  );
  return rows.length > 0;
}
