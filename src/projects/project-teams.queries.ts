import type { ProjectRole } from '../platform/access/permissions.ts';
import { listPage } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';

export interface ProjectTeamRow {
  teamId: string;
  name: string;
  role: ProjectRole;
  createdAt: Date;
}

const SELECT = `pt.team_id AS "teamId", t.name, pt.role, pt.created_at AS "createdAt"`;
const FROM = `"@tenant".project_teams pt JOIN "@tenant".teams t ON t.id = pt.team_id WHERE pt.project_id = $1`;

export function listProjectTeams(
  ctx: TenantContext,
  projectId: string,
  query: ListQuery,
): Promise<Page<ProjectTeamRow>> {
  return listPage<ProjectTeamRow>(
    ctx,
    {
      select: SELECT,
      from: FROM,
      parameters: [projectId],
      columns: {
        role: { sql: 'pt.role', type: 'text' },
        name: { sql: 't.name', type: 'text' },
        createdAt: { sql: 'pt.created_at', type: 'timestamptz' },
      },
      id: { sql: 'pt.team_id', type: 'uuid' },
    },
    query,
  );
}

export async function findProjectTeam(
  ctx: TenantContext,
  projectId: string,
  teamId: string,
): Promise<ProjectTeamRow | null> {
  const rows = await ctx.query<ProjectTeamRow>(`SELECT ${SELECT} FROM ${FROM} AND pt.team_id = $2`, [
    projectId,
    teamId,
  ]);
  return rows[0] ?? null;
}
