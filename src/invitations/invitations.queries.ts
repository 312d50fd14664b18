import { listPage, type ListColumn } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { addressKey } from '../platform/mail/canonical-address.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { InvitationRow } from './invitations.types.ts';

const STATE = `CASE WHEN i.accepted_at IS NOT NULL THEN 'accepted' WHEN i.revoked_at IS NOT NULL THEN 'revoked'
                    WHEN i.expires_at <= now() THEN 'expired' ELSE 'open' END`;

const SELECT = `i.id, i.email, i.roles, i.invited_by AS "invitedBy", ${STATE} AS state, i.created_at AS "createdAt",
  i.updated_at AS "updatedAt", i.sent_at AS "sentAt", i.expires_at AS "expiresAt", i.accepted_at AS "acceptedAt", i.version`;

const COLUMNS: Record<string, ListColumn> = {
  email: { sql: 'coalesce(i.canonical_email, i.email)', type: 'text', comparedAs: addressKey, shownAs: 'i.email' },
  state: { sql: STATE, type: 'text' },
  createdAt: { sql: 'i.created_at', type: 'timestamptz' },
};

export function listInvitations(ctx: TenantContext, query: ListQuery): Promise<Page<InvitationRow>> {
  const source = {
    select: SELECT,
    from: '"@tenant".invitations i WHERE true',
    parameters: [],
    columns: COLUMNS,
    id: { sql: 'i.id', type: 'uuid' as const },
  };
  return listPage<InvitationRow>(ctx, source, query);
}

/** @param lock keeps the invitation from changing until the transaction ends */
export async function findInvitation(
  ctx: TenantContext,
  id: string,
  { lock = false } = {},
): Promise<InvitationRow | null> {
  const rows = await ctx.query<InvitationRow>(
    `SELECT ${SELECT} FROM "@tenant".invitations i WHERE i.id = $1${lock ? ' FOR UPDATE' : ''}`,
    [id],
  );
  return rows[0] ?? null;
}

/** That of an address, in its one spelling; it stays as it is until the transaction ends. */
export async function findOpenInvitation(tx: TenantContext, canonicalEmail: string): Promise<InvitationRow | null> {
  const rows = await tx.query<InvitationRow>(
    `SELECT ${SELECT} FROM "@tenant".invitations i
      WHERE i.canonical_email = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now() FOR UPDATE`,
    [canonicalEmail],
  );
  return rows[0] ?? null;
}

/** Whose mail it is in the name of. */
export async function findInviter(ctx: TenantContext, userId: string | null): Promise<string | null> {
  const rows = await ctx.query<{ name: string }>(
    `SELECT first_name || ' ' || last_name AS name FROM "@tenant".users WHERE id = $1`,
    [userId],
  );
  return rows[0]?.name ?? null;
}

/** Whether whoever sent it is still there, and still stands no lower than what it gives. */
export async function inviterStands(
  tx: TenantContext,
  { invitedBy, roles }: Pick<InvitationRow, 'invitedBy' | 'roles'>,
): Promise<boolean> {
  const rows = await tx.query<{ stands: boolean }>(
    `SELECT coalesce(max(held.level), 0) >= (SELECT coalesce(max(level), 0) FROM "@tenant".roles WHERE key = ANY ($2)) AS stands
       FROM "@tenant".users u
       LEFT JOIN "@tenant".roles held ON held.id = ANY (u.role_ids)
      WHERE u.id = $1 AND u.active GROUP BY u.id`,
    [invitedBy, roles],
  );
  return rows[0]?.stands ?? false;
}
