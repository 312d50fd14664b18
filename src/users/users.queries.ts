import { hasSecondFactorSql } from '../platform/credentials/second-factor.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import { listPage, type ListColumn } from '../platform/database/keyset.ts';
import type { Page } from '../platform/database/page.ts';
import { addressKey } from '../platform/mail/canonical-address.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { AccountRow, UserRow } from './users.types.ts';

const SELECT = `u.id, u.kind, u.email, u.first_name AS "firstName", u.last_name AS "lastName", u.title,
  u.time_zone AS "timeZone", u.locale, u.avatar, u.active, u.email_verified_at AS "emailVerifiedAt",
  u.last_login_at AS "lastLoginAt", u.created_at AS "createdAt", u.updated_at AS "updatedAt", u.version,
  ARRAY(SELECT r.key FROM "@tenant".roles r WHERE r.id = ANY (u.role_ids) ORDER BY r.level DESC, r.key) AS roles,
  (SELECT coalesce(max(r.level), 0) FROM "@tenant".roles r WHERE r.id = ANY (u.role_ids)) AS level`;

const COLUMNS: Record<string, ListColumn> = {
  kind: { sql: 'u.kind', type: 'text' },
  // Compared as they are kept unique; a part of it is looked for in what is shown.
  email: { sql: 'coalesce(u.canonical_email, u.email)', type: 'text', comparedAs: addressKey, shownAs: 'u.email' },
  active: { sql: 'u.active', type: 'boolean' },
  createdAt: { sql: 'u.created_at', type: 'timestamptz' },
  firstName: { sql: 'u.first_name', type: 'text' },
  lastName: { sql: 'u.last_name', type: 'text' },
  // As it is shown; a service account has a first name alone.
  name: { sql: `trim(u.first_name || ' ' || u.last_name)`, type: 'text' },
};

export function listUsers(ctx: TenantContext, query: ListQuery): Promise<Page<UserRow>> {
  const source = {
    select: SELECT,
    from: '"@tenant".users u WHERE u.deleted_at IS NULL',
    parameters: [],
    columns: COLUMNS,
    id: { sql: 'u.id', type: 'uuid' as const },
  };
  return listPage<UserRow>(ctx, source, query);
}

/** All people, for operators; reads what others keep of them for that one reason. Programs sign in nowhere. */
export function listAccounts(ctx: TenantContext): Promise<AccountRow[]> {
  return ctx.query<AccountRow>(
    `SELECT u.id, u.email, u.active,
            ARRAY(SELECT r.key FROM "@tenant".roles r WHERE r.id = ANY (u.role_ids) ORDER BY r.level DESC, r.key) AS roles,
            ${hasSecondFactorSql('u.id')} AS "secondFactor",
            p.disabled_at IS NOT NULL AS locked
       FROM "@tenant".users u LEFT JOIN "@tenant".credentials p ON p.user_id = u.id AND p.type = 'password'
      WHERE u.kind = 'person' AND u.deleted_at IS NULL ORDER BY u.canonical_email, u.id`,
  );
}

/** Nobody who was deleted. @param lock keeps the row from changing until the transaction ends */
export async function findUser(ctx: TenantContext, id: string, { lock = false } = {}): Promise<UserRow | null> {
  // A statement of its own: one that waits for the row goes on to read the roles as they were before it waited.
  if (lock) await ctx.query(`SELECT id FROM "@tenant".users WHERE id = $1 FOR UPDATE`, [id]);
  const rows = await ctx.query<UserRow>(
    `SELECT ${SELECT} FROM "@tenant".users u WHERE u.id = $1 AND u.deleted_at IS NULL`,
    [id],
  );
  return rows[0] ?? null;
}

/** Of people, not of programs. */
export async function findByAddress(
  ctx: TenantContext,
  email: string,
): Promise<{ id: string; active: boolean } | null> {
  const rows = await ctx.query<{ id: string; active: boolean }>(
    `SELECT id, active FROM "@tenant".users WHERE canonical_email = $1 AND kind = 'person'`,
    [addressKey(email)],
  );
  return rows[0] ?? null;
}

/** People whose address has no spelling to be found by, the oldest first. */
export function listWithoutCanonical(ctx: TenantContext): Promise<{ id: string; email: string }[]> {
  return ctx.query(
    `SELECT id, email FROM "@tenant".users WHERE canonical_email IS NULL AND deleted_at IS NULL ORDER BY created_at, id LIMIT 10000`,
  );
}

export async function isAddressTaken(ctx: TenantContext, email: string): Promise<boolean> {
  const rows = await ctx.query('SELECT 1 FROM "@tenant".users WHERE canonical_email = $1', [addressKey(email)]);
  return rows.length > 0;
}

/** Active owners besides this one. Two who remove each other at once are put in a row by the lock on the role. */
export async function countOtherOwners(ctx: TenantContext, id: string): Promise<number> {
  await ctx.query(`SELECT id FROM "@tenant".roles WHERE key = 'owner' FOR UPDATE`);
  const rows = await ctx.query<{ others: number }>(
    `SELECT count(*)::int AS others FROM "@tenant".users u
       JOIN "@tenant".roles r ON r.id = ANY (u.role_ids) AND r.key = 'owner'
      WHERE u.active AND u.kind = 'person' AND u.id <> $1`,
    [id],
  );
  return rows[0]!.others;
}

/** Active ones, those who have been here longest first. */
export async function listOwnerIds(ctx: TenantContext): Promise<string[]> {
  const rows = await ctx.query<{ id: string }>(
    `SELECT u.id FROM "@tenant".users u
       JOIN "@tenant".roles r ON r.id = ANY (u.role_ids) AND r.key = 'owner'
      WHERE u.active AND u.kind = 'person' ORDER BY u.created_at, u.id`,
  );
  return rows.map(({ id }) => id);
}

/** Whether an owner has ever shown that mails reach them, at this address or at one before. */
export async function hasProvedOwner(ctx: TenantContext): Promise<boolean> {
  const rows = await ctx.query<{ has: boolean }>(
    `SELECT EXISTS (
       SELECT FROM "@tenant".users u JOIN "@tenant".roles r ON r.id = ANY (u.role_ids) AND r.key = 'owner'
        WHERE u.kind = 'person' AND u.deleted_at IS NULL
          AND (u.email_verified_at IS NOT NULL
               OR EXISTS (SELECT FROM "@tenant".audit_events e WHERE e.target_id = u.id::text AND e.action IN ('email.verified', 'email.changed')))
     ) AS has`,
  );
  return rows[0]!.has;
}

/** People alone: programs take nobody's place in the plan. */
export async function countActiveUsers(ctx: TenantContext): Promise<number> {
  const rows = await ctx.query<{ users: number }>(
    `SELECT count(*)::int AS users FROM "@tenant".users WHERE active AND kind = 'person'`,
  );
  return rows[0]!.users;
}

/** Whether the person is active; a deactivation waits until the transaction ends. */
export async function holdActiveUser(tx: TenantContext, id: string): Promise<boolean> {
  const rows = await tx.query(`SELECT 1 FROM "@tenant".users WHERE id = $1 AND active FOR SHARE`, [id]);
  return rows.length > 0;
}

/** Whether there is such a person; a deletion waits until the transaction ends. */
export async function holdUser(tx: TenantContext, id: string): Promise<boolean> {
  const rows = await tx.query(`SELECT 1 FROM "@tenant".users WHERE id = $1 AND deleted_at IS NULL FOR SHARE`, [id]);
  return rows.length > 0;
}

/** It reads a table of `projects`, above: whether somebody can be deleted depends on it. */
export function listOwnedProjects(tx: TenantContext, id: string): Promise<{ name: string }[]> {
  return tx.query('SELECT name FROM "@tenant".projects WHERE owner_id = $1 AND deleted_at IS NULL ORDER BY name, id', [
    id,
  ]);
}

const PROJECTS_OF = (person: string) => `(
  SELECT m.project_id FROM "@tenant".project_members m WHERE m.member_id = ${person}
  UNION SELECT pt.project_id FROM "@tenant".team_members tm JOIN "@tenant".project_members pt ON pt.member_id = tm.team_id WHERE tm.user_id = ${person})`;

/** Whether the actor and the person are in a project together, by name or through teams. @param projectId the one that counts */
export async function sharesProject(ctx: TenantContext, userId: string, projectId?: string): Promise<boolean> {
  const rows = await ctx.query(
    `SELECT 1 FROM ${PROJECTS_OF('$1::uuid')} mine JOIN ${PROJECTS_OF('$2::uuid')} theirs USING (project_id)
      WHERE $3::uuid IS NULL OR project_id = $3 LIMIT 1`,
    [ctx.actor.userId, userId, projectId ?? null],
  );
  return rows.length > 0;
}
