import type { ProjectRole } from '../platform/access/permissions.ts';
import { listPage } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { TeamRole } from './team.types.ts';

export interface TeamRow {
  id: string;
  name: string;
  description: string | null;
  createdAt: Date;
  updatedAt: Date;
  version: number;
}

const SELECT = `t.id, t.name, t.description, t.created_at AS "createdAt", t.updated_at AS "updatedAt", t.version`;

const ID = { sql: 't.id', type: 'uuid' } as const;

const COLUMNS = {
  name: { sql: 't.name', type: 'text' },
  createdAt: { sql: 't.created_at', type: 'timestamptz' },
} as const;

export function listTeams(ctx: TenantContext, query: ListQuery): Promise<Page<TeamRow>> {
  const source = { select: SELECT, from: '"@tenant".teams t WHERE true', parameters: [], columns: COLUMNS, id: ID };
  return listPage<TeamRow>(ctx, source, query);
}

/** @param lock keeps the team and who is in it from changing until the transaction ends */
export async function findTeam(ctx: TenantContext, id: string, { lock = false } = {}): Promise<TeamRow | null> {
  const rows = await ctx.query<TeamRow>(
    `SELECT ${SELECT} FROM "@tenant".teams t WHERE t.id = $1${lock ? ' FOR UPDATE' : ''}`,
    [id],
  );
  return rows[0] ?? null;
}

/** Whether the team is there; its deletion waits until the transaction ends. */
export async function holdTeam(tx: TenantContext, id: string): Promise<boolean> {
  const rows = await tx.query(`SELECT 1 FROM "@tenant".teams WHERE id = $1 FOR SHARE`, [id]);
  return rows.length > 0;
}

export interface TeamOfUserRow extends TeamRow {
  role: TeamRole;
}

export function listTeamsOfUser(ctx: TenantContext, userId: string, query: ListQuery): Promise<Page<TeamOfUserRow>> {
  const source = {
    select: `${SELECT}, m.role`,
    from: `"@tenant".team_members m JOIN "@tenant".teams t ON t.id = m.team_id WHERE m.user_id = $1`,
    parameters: [userId],
    columns: { ...COLUMNS, role: { sql: 'm.role', type: 'text' } } as const,
    id: ID,
  };
  return listPage<TeamOfUserRow>(ctx, source, query);
}

export interface TeamMemberRow {
  userId: string;
  firstName: string;
  lastName: string;
  email: string;
  role: TeamRole;
  createdAt: Date;
}

const SELECT_MEMBER = `m.user_id AS "userId", u.first_name AS "firstName", u.last_name AS "lastName", u.email, m.role, m.created_at AS "createdAt"`;

export function listTeamMembers(ctx: TenantContext, teamId: string, query: ListQuery): Promise<Page<TeamMemberRow>> {
  return listPage<TeamMemberRow>(
    ctx,
    {
      select: SELECT_MEMBER,
      from: `"@tenant".team_members m JOIN "@tenant".users u ON u.id = m.user_id WHERE m.team_id = $1`,
      parameters: [teamId],
      columns: {
        role: { sql: 'm.role', type: 'text' },
        createdAt: { sql: 'm.created_at', type: 'timestamptz' },
        firstName: { sql: 'u.first_name', type: 'text' },
        lastName: { sql: 'u.last_name', type: 'text' },
        name: { sql: `trim(u.first_name || ' ' || u.last_name)`, type: 'text' },
      },
      id: { sql: 'm.user_id', type: 'uuid' },
    },
    query,
  );
}

export async function findTeamMember(
  ctx: TenantContext,
  teamId: string,
  userId: string,
): Promise<TeamMemberRow | null> {
  const rows = await ctx.query<TeamMemberRow>(
    `SELECT ${SELECT_MEMBER} FROM "@tenant".team_members m JOIN "@tenant".users u ON u.id = m.user_id
      WHERE m.team_id = $1 AND m.user_id = $2`,
    [teamId, userId],
  );
  return rows[0] ?? null;
}

/** What somebody is in the team; null when they are not in it. */
export async function findStanding(
  ctx: TenantContext,
  teamId: string,
  userId: string | null,
): Promise<TeamRole | null> {
  const rows = await ctx.query<{ role: TeamRole }>(
    'SELECT role FROM "@tenant".team_members WHERE team_id = $1 AND user_id = $2',
    [teamId, userId],
  );
  return rows[0]?.role ?? null;
}

export async function listMemberIds(ctx: TenantContext, teamId: string): Promise<string[]> {
  const rows = await ctx.query<{ id: string }>(
    'SELECT user_id AS id FROM "@tenant".team_members WHERE team_id = $1 ORDER BY user_id',
    [teamId],
  );
  return rows.map(({ id }) => id);
}

/** What being in the team makes somebody in projects. It reads a table of `projects`, above: who is taken in depends on it. */
export async function listProjectRolesOf(ctx: TenantContext, teamId: string): Promise<ProjectRole[]> {
  const rows = await ctx.query<{ role: ProjectRole }>(
    'SELECT DISTINCT role FROM "@tenant".project_members WHERE member_id = $1',
    [teamId],
  );
  return rows.map(({ role }) => role);
}
