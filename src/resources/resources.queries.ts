import { listPage, type ListSource } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { ResourceAssignment } from './resource-assignment.entity.ts';
import type { Assignment } from './resources.types.ts';

export type ResourceRow = ResourceAssignment;

/** First and last day. */
export interface DayRange {
  from: string;
  to: string;
}

const SELECT_ASSIGNMENT = `a.id, a.project_id AS "projectId", a.user_id AS "userId",
  a.hours_per_week::float8 AS "hoursPerWeek", a.percent::float8 AS percent, a.from_date AS "from", a.to_date AS "to"`;

const SELECT = `${SELECT_ASSIGNMENT}, a.note, a.created_at AS "createdAt", a.updated_at AS "updatedAt", a.version`;

export function listResources(ctx: TenantContext, projectId: string, query: ListQuery): Promise<Page<ResourceRow>> {
  const source: ListSource = {
    select: SELECT,
    from: '"@tenant".resource_assignments a WHERE a.project_id = $1',
    parameters: [projectId],
    columns: {
      userId: { sql: 'a.user_id', type: 'uuid' },
      from: { sql: 'a.from_date', type: 'date' },
      to: { sql: 'a.to_date', type: 'date' },
      hoursPerWeek: { sql: 'a.hours_per_week', type: 'numeric', nullable: true },
      percent: { sql: 'a.percent', type: 'numeric', nullable: true },
      note: { sql: 'a.note', type: 'text', nullable: true },
      createdAt: { sql: 'a.created_at', type: 'timestamptz' },
    },
    id: { sql: 'a.id', type: 'uuid' },
  };
  return listPage<ResourceRow>(ctx, source, query);
}

/** Changes of a project's plan wait for each other by the lock on the project. */
export async function findResource(ctx: TenantContext, projectId: string, id: string): Promise<ResourceRow | null> {
  const rows = await ctx.query<ResourceRow>(
    `SELECT ${SELECT} FROM "@tenant".resource_assignments a WHERE a.id = $2 AND a.project_id = $1`,
    [projectId, id],
  );
  return rows[0] ?? null;
}

/** A deleted project takes nobody's time, and neither does one that was put away. */
const LIVE = `EXISTS (SELECT FROM "@tenant".projects p
  WHERE p.id = a.project_id AND p.deleted_at IS NULL AND p.status <> 'archived')`;

/** Those that begin first. */
export function listAssignments(
  ctx: TenantContext,
  userIds: string[],
  { from, to }: DayRange,
  limit: number,
): Promise<Assignment[]> {
  return ctx.query<Assignment>(
    `SELECT ${SELECT_ASSIGNMENT} FROM "@tenant".resource_assignments a
      WHERE a.user_id = ANY ($1::uuid[]) AND a.to_date >= $2 AND a.from_date <= $3 AND ${LIVE} ORDER BY a.from_date, a.id LIMIT $4`,
    [userIds, from, to, limit],
  );
}

export interface LoggedRow {
  userId: string;
  projectId: string;
  week: string;
  minutes: number;
}

/** Minutes as worked, by person, project and week. */
export function sumLogged(ctx: TenantContext, userIds: string[], { from, to }: DayRange): Promise<LoggedRow[]> {
  return ctx.query<LoggedRow>(
    `SELECT e.user_id AS "userId", e.project_id AS "projectId", date_trunc('week', e.day::timestamp)::date AS week,
            sum(e.minutes)::float8 AS minutes
       FROM "@tenant".time_entries e
      WHERE e.user_id = ANY ($1::uuid[]) AND e.day BETWEEN $2 AND $3 AND e.deleted_at IS NULL AND e.minutes IS NOT NULL
      GROUP BY 1, 2, 3`,
    [userIds, from, to],
  );
}

/** Those of the projects that are within a reach. @param idsWithin their ids as a subquery, which the parameters belong to */
export async function listKnown(
  ctx: TenantContext,
  projectIds: string[],
  idsWithin: string,
  parameters: unknown[],
): Promise<Set<string>> {
  const rows = await ctx.query<{ id: string }>(
    `SELECT id FROM "@tenant".projects WHERE id = ANY ($${parameters.length + 1}::uuid[]) AND id IN (${idsWithin})`,
    [...parameters, projectIds],
  );
  return new Set(rows.map(({ id }) => id));
}

/** People `u` who meet a condition, which the parameters belong to; the first two are the days that they are asked about. */
export function listPeople(
  ctx: TenantContext,
  condition: string,
  parameters: unknown[],
  query: ListQuery,
): Promise<Page<{ userId: string }>> {
  const source: ListSource = {
    select: 'u.id AS "userId"',
    // The days stand there in any case: a cursor is of use for the same days alone.
    from: `"@tenant".users u WHERE u.deleted_at IS NULL AND u.kind = 'person' AND $1::date <= $2::date AND ${condition}`,
    parameters,
    columns: { lastName: { sql: 'u.last_name', type: 'text' } },
    id: { sql: 'u.id', type: 'uuid' },
  };
  return listPage<{ userId: string }>(ctx, source, query);
}

/** Whether somebody `u` is planned for the project at `place`, or has worked there, on the days at $1 and $2. */
export function worksIn(place: string): string {
  return `(EXISTS (SELECT FROM "@tenant".resource_assignments a
                    WHERE a.user_id = u.id AND a.project_id = ${place} AND a.to_date >= $1 AND a.from_date <= $2)
        OR EXISTS (SELECT FROM "@tenant".time_entries e
                    WHERE e.user_id = u.id AND e.project_id = ${place} AND e.day BETWEEN $1 AND $2 AND e.deleted_at IS NULL))`;
}

/** Whether somebody `u` is planned, on the days at $1 and $2, for one of the projects whose ids a subquery gives. */
export function isPlannedIn(idsWithin: string): string {
  return `EXISTS (SELECT FROM "@tenant".resource_assignments a
                   WHERE a.user_id = u.id AND a.to_date >= $1 AND a.from_date <= $2 AND a.project_id IN (${idsWithin}))`;
}

/** Who could be given work in these projects: active people who are in them, by name or through teams, at most `limit`. */
export function listCandidates(
  ctx: TenantContext,
  projectIds: string[],
  limit: number,
): Promise<{ userId: string; projectIds: string[] }[]> {
  return ctx.query(
    `SELECT u.id AS "userId", array_agg(DISTINCT m.project_id) AS "projectIds"
       FROM (SELECT project_id, member_id AS user_id FROM "@tenant".project_members WHERE project_id = ANY ($1::uuid[]) AND role <> 'viewer'
             UNION ALL
             SELECT pt.project_id, tm.user_id FROM "@tenant".project_members pt
               JOIN "@tenant".team_members tm ON tm.team_id = pt.member_id WHERE pt.project_id = ANY ($1::uuid[]) AND pt.role <> 'viewer') m
       JOIN "@tenant".users u ON u.id = m.user_id AND u.active AND u.kind = 'person'
      GROUP BY u.id ORDER BY count(DISTINCT m.project_id) DESC, u.id LIMIT $2`,
    [projectIds, limit],
  );
}

/** Who is planned for which projects from a day on: a person's, a project's, or both. */
export function listPlanned(
  ctx: TenantContext,
  { userId = null, projectId = null }: { userId?: string | null; projectId?: string | null },
  from: string,
): Promise<{ userId: string; projectId: string }[]> {
  return ctx.query(
    `SELECT DISTINCT a.user_id AS "userId", a.project_id AS "projectId" FROM "@tenant".resource_assignments a
      WHERE a.to_date > $3 AND ($1::uuid IS NULL OR a.user_id = $1) AND ($2::uuid IS NULL OR a.project_id = $2)
      ORDER BY 2, 1`,
    [userId, projectId, from],
  );
}
