import type { Reach } from '../platform/access/abilities.ts';
import { listPage, type ListColumn } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { ProjectRole } from '../platform/access/permissions.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Project } from './project.entity.ts';
import type { Standing } from './project.types.ts';
import { reachableIds, standingOf } from './project-membership.queries.ts';

export type ProjectRow = Omit<Project, 'deletedAt'>;

const SELECT = `p.id, p.name, p.description, p.status, p.start_date AS "startDate", p.end_date AS "endDate",
  p.budget_amount AS "budgetAmount", p.budget_currency AS "budgetCurrency", p.owner_id AS "ownerId", p.settings, p.archived_from AS "archivedFrom",
  p.created_at AS "createdAt", p.updated_at AS "updatedAt", p.version`;

const COLUMNS: Record<string, ListColumn> = {
  status: { sql: 'p.status', type: 'text' },
  ownerId: { sql: 'p.owner_id', type: 'uuid' },
  id: { sql: 'p.id', type: 'uuid' },
  name: { sql: 'p.name', type: 'text', searchedAs: 'p.id' },
  description: { sql: 'p.description', type: 'text' },
  budgetAmount: { sql: 'p.budget_amount', type: 'numeric', nullable: true },
  budgetCurrency: { sql: 'p.budget_currency', type: 'text' },
  startDate: { sql: 'p.start_date', type: 'date', nullable: true },
  endDate: { sql: 'p.end_date', type: 'date', nullable: true },
  createdAt: { sql: 'p.created_at', type: 'timestamptz' },
  updatedAt: { sql: 'p.updated_at', type: 'timestamptz' },
  version: { sql: 'p.version', type: 'numeric' },
};

export function listProjects(ctx: TenantContext, reach: Reach, query: ListQuery): Promise<Page<ProjectRow>> {
  const parameters: unknown[] = [];
  const ids = reachableIds(ctx, reach, (value) => `$${parameters.push(value)}`);
  const from = `"@tenant".projects p WHERE p.id IN (${ids})`;
  return listPage<ProjectRow>(
    ctx,
    { select: SELECT, from, parameters, columns: COLUMNS, id: { sql: 'p.id', type: 'uuid' }, searched: 'project' },
    query,
  );
}

export type DeletedProjectRow = ProjectRow & { deletedAt: Date };

export function listDeletedProjects(ctx: TenantContext, query: ListQuery): Promise<Page<DeletedProjectRow>> {
  return listPage<DeletedProjectRow>(
    ctx,
    {
      select: `${SELECT}, p.deleted_at AS "deletedAt"`,
      from: `"@tenant".projects p WHERE p.deleted_at IS NOT NULL`,
      parameters: [],
      columns: { name: COLUMNS['name']!, deletedAt: { sql: 'p.deleted_at', type: 'timestamptz' } },
      id: { sql: 'p.id', type: 'uuid' },
    },
    query,
  );
}

/** A project with what ties the actor to it, in one read. @param lock keeps the project from changing until the transaction ends */
export async function findProject(
  ctx: TenantContext,
  id: string,
  { lock = false } = {},
): Promise<{ project: ProjectRow; standing: Standing } | null> {
  // A statement of its own: one that waits for the row goes on to read the actor's role as it was before it waited.
  if (lock) await ctx.query(`SELECT id FROM "@tenant".projects WHERE id = $1 FOR UPDATE`, [id]);
  const rows = await ctx.query<ProjectRow & Standing>(
    `SELECT ${SELECT}, ${standingOf('$2::uuid')} FROM "@tenant".projects p WHERE p.id = $1 AND p.deleted_at IS NULL`,
    [id, ctx.actor.userId],
  );
  const row = rows[0];
  if (!row) return null;
  const { projectOwnerId, projectStatus, roleByName, rolesByTeam, ...project } = row;
  return { project, standing: { projectOwnerId, projectStatus, roleByName, rolesByTeam } };
}

export interface MemberRow {
  userId: string;
  firstName: string;
  lastName: string;
  email: string;
  role: ProjectRole;
  createdAt: Date;
}

const SELECT_MEMBER = `m.member_id AS "userId", u.first_name AS "firstName", u.last_name AS "lastName", u.email, m.role, m.created_at AS "createdAt"`;

export function listMembers(ctx: TenantContext, projectId: string, query: ListQuery): Promise<Page<MemberRow>> {
  return listPage<MemberRow>(
    ctx,
    {
      select: SELECT_MEMBER,
      from: `"@tenant".project_members m JOIN "@tenant".users u ON u.id = m.member_id WHERE m.project_id = $1`,
      parameters: [projectId],
      columns: {
        role: { sql: 'm.role', type: 'text' },
        createdAt: { sql: 'm.created_at', type: 'timestamptz' },
        firstName: { sql: 'u.first_name', type: 'text' },
        lastName: { sql: 'u.last_name', type: 'text' },
        name: { sql: `trim(u.first_name || ' ' || u.last_name)`, type: 'text' },
      },
      id: { sql: 'm.member_id', type: 'uuid' },
    },
    query,
  );
}

/** Whether the project is there; its deletion waits until the transaction ends. */
export async function holdProject(tx: TenantContext, id: string): Promise<boolean> {
  const rows = await tx.query(`SELECT 1 FROM "@tenant".projects WHERE id = $1 AND deleted_at IS NULL FOR SHARE`, [id]);
  return rows.length > 0;
}

/** One member with what is shown of them. */
export async function findMember(ctx: TenantContext, projectId: string, userId: string): Promise<MemberRow | null> {
  const rows = await ctx.query<MemberRow>(
    `SELECT ${SELECT_MEMBER} FROM "@tenant".project_members m JOIN "@tenant".users u ON u.id = m.member_id
      WHERE m.project_id = $1 AND m.member_id = $2`,
    [projectId, userId],
  );
  return rows[0] ?? null;
}

export async function countProjects(ctx: TenantContext): Promise<number> {
  const rows = await ctx.query<{ projects: number }>(
    'SELECT count(*)::int AS projects FROM "@tenant".projects WHERE deleted_at IS NULL',
  );
  return rows[0]!.projects;
}
