import type { Opening, Reach } from '../platform/access/abilities.ts';
import { PROJECT_ROLES, type ProjectRole } from '../platform/access/permissions.ts';
import { listPage } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';

/**
 * Who is in which project: directly, or in a team that was given it. The members of teams belong to a module below,
 * and are joined here because whatever is shown of projects depends on them, in the statement that shows it.
 */

/** Adds a parameter to the caller's statement and gives its place. */
export type Bind = (value: unknown) => string;

/** Roles from the highest to the lowest, for ORDER BY. */
const RANK = `ARRAY[${PROJECT_ROLES.map((role) => `'${role}'`).join(', ')}]`;

const THROUGH_TEAMS = `SELECT pt.project_id, pt.role, true AS through_team
    FROM "@tenant".team_members tm JOIN "@tenant".project_members pt ON pt.member_id = tm.team_id`;

/**
 * Ids of the projects that an opening leads to; those of its conditions that are of single tasks count as membership.
 * `roles` is asked for only where it is used: a parameter that stands nowhere is refused by the server.
 */
const LEADS_TO: Record<Opening['condition'], (me: string, roles: () => string) => string> = {
  member: (me, roles) => inAnyWay(me, roles()),
  // An owner is always a manager by name.
  owner: (me) => `SELECT o.id FROM "@tenant".projects o WHERE o.owner_id = ${me}`,
  team: (me, roles) => throughTeams(me, roles()),
  involved: (me, roles) => inAnyWay(me, roles()),
  assignee: (me, roles) => inAnyWay(me, roles()),
  reporter: (me, roles) => inAnyWay(me, roles()),
};

function inAnyWay(me: string, roles: string): string {
  return `SELECT m.project_id FROM "@tenant".project_members m WHERE m.member_id = ${me} AND m.role = ANY (${roles})
     UNION ALL ${throughTeams(me, roles)}`;
}

function throughTeams(me: string, roles: string): string {
  return `SELECT t.project_id FROM (${THROUGH_TEAMS} WHERE tm.user_id = ${me}) t WHERE t.role = ANY (${roles})`;
}

/** Ids of the projects within the actor's reach, as a subquery for the lists of this and other modules. */
export function reachableIds(ctx: TenantContext, reach: Reach, bind: Bind): string {
  const existing = 'SELECT id FROM "@tenant".projects WHERE deleted_at IS NULL';
  if (reach === 'all projects') return existing;
  if (reach.length === 0) return `${existing} AND false`;
  const me = `${bind(ctx.actor.userId)}::uuid`;
  const led = reach.map(({ condition, roles }) => LEADS_TO[condition](me, () => `${bind(roles)}::text[]`));
  return `${existing} AND id IN (${led.join(' UNION ALL ')})`;
}

/**
 * The columns of a Standing: what the person whose id is at `user` is to the project `p` of the caller's statement. Of
 * subqueries rather than a join that finds the highest role: that takes the server half as long again.
 */
export function standingOf(user: string): string {
  return `p.owner_id AS "projectOwnerId", p.status AS "projectStatus",
    (SELECT m.role FROM "@tenant".project_members m WHERE m.project_id = p.id AND m.member_id = ${user}) AS "roleByName",
    ARRAY(SELECT pt.role FROM "@tenant".team_members tm JOIN "@tenant".project_members pt ON pt.member_id = tm.team_id
           WHERE pt.project_id = p.id AND tm.user_id = ${user}) AS "rolesByTeam"`;
}

/** Whether the person is a member by name, whatever their teams; a removal waits until the transaction ends. */
export async function holdDirectMember(tx: TenantContext, projectId: string, userId: string): Promise<boolean> {
  const rows = await tx.query(
    `SELECT 1 FROM "@tenant".project_members WHERE project_id = $1 AND member_id = $2 AND member_type = 'user' FOR SHARE`,
    [projectId, userId],
  );
  return rows.length > 0;
}

/** Who of these people is in the project, directly or through a team; what would end it waits until the transaction ends. */
export async function holdMembers(tx: TenantContext, projectId: string, userIds: string[]): Promise<Set<string>> {
  const direct = await tx.query<{ id: string }>(
    `SELECT member_id AS id FROM "@tenant".project_members
      WHERE project_id = $1 AND member_id = ANY ($2) AND member_type = 'user' ORDER BY 1 FOR SHARE`,
    [projectId, userIds],
  );
  const members = new Set(direct.map(({ id }) => id));
  const others = userIds.filter((id) => !members.has(id));
  if (others.length === 0) return members;
  const throughTeam = await tx.query<{ id: string }>(
    `SELECT tm.user_id AS id FROM "@tenant".team_members tm JOIN "@tenant".project_members pt ON pt.member_id = tm.team_id
      WHERE pt.project_id = $1 AND tm.user_id = ANY ($2) ORDER BY tm.user_id, tm.team_id FOR SHARE`,
    [projectId, others],
  );
  for (const { id } of throughTeam) members.add(id);
  return members;
}

/** What somebody is in a project, and through whom. */
export interface AssignmentRow {
  projectId: string;
  projectName: string;
  role: ProjectRole;
  ownsProject: boolean;
  /** Null for a member by name. */
  teamId: string | null;
  teamName: string | null;
}

/**
 * The roles of a person in the projects that the actor may see, highest first.
 *
 * @param projectId only in this one, when not null
 */
export async function listAssignments(
  ctx: TenantContext,
  userId: string,
  reach: Reach,
  projectId: string | null,
  limit: number,
): Promise<AssignmentRow[]> {
  const parameters: unknown[] = [userId, projectId, limit];
  const visible = reachableIds(ctx, reach, (value) => `$${parameters.push(value)}`);
  return ctx.query<AssignmentRow>(
    `SELECT p.id AS "projectId", p.name AS "projectName", a.role, p.owner_id = $1 AS "ownsProject",
            a.team_id AS "teamId", t.name AS "teamName"
       FROM (SELECT m.project_id, m.role, NULL::uuid AS team_id FROM "@tenant".project_members m WHERE m.member_id = $1
             UNION ALL
             SELECT pt.project_id, pt.role, pt.member_id FROM "@tenant".team_members tm
               JOIN "@tenant".project_members pt ON pt.member_id = tm.team_id WHERE tm.user_id = $1) a
       JOIN "@tenant".projects p ON p.id = a.project_id
       LEFT JOIN "@tenant".teams t ON t.id = a.team_id
      WHERE p.id IN (${visible}) AND ($2::uuid IS NULL OR p.id = $2)
      ORDER BY array_position(${RANK}, a.role), p.name, p.id, t.name NULLS FIRST LIMIT $3`,
    parameters,
  );
}

export interface ProjectTeamRow {
  teamId: string;
  name: string;
  role: ProjectRole;
  createdAt: Date;
}

const SELECT_TEAM = `pt.member_id AS "teamId", t.name, pt.role, pt.created_at AS "createdAt"`;
const FROM_TEAMS = `"@tenant".project_members pt JOIN "@tenant".teams t ON t.id = pt.member_id WHERE pt.project_id = $1`;

export function listProjectTeams(
  ctx: TenantContext,
  projectId: string,
  query: ListQuery,
): Promise<Page<ProjectTeamRow>> {
  return listPage<ProjectTeamRow>(
    ctx,
    {
      select: SELECT_TEAM,
      from: FROM_TEAMS,
      parameters: [projectId],
      columns: {
        role: { sql: 'pt.role', type: 'text' },
        name: { sql: 't.name', type: 'text' },
        createdAt: { sql: 'pt.created_at', type: 'timestamptz' },
      },
      id: { sql: 'pt.member_id', type: 'uuid' },
    },
    query,
  );
}

export async function findProjectTeam(
  ctx: TenantContext,
  projectId: string,
  teamId: string,
): Promise<ProjectTeamRow | null> {
  const rows = await ctx.query<ProjectTeamRow>(`SELECT ${SELECT_TEAM} FROM ${FROM_TEAMS} AND pt.member_id = $2`, [
    projectId,
    teamId,
  ]);
  return rows[0] ?? null;
}
