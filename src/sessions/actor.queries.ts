import type { Grant, ProjectRole } from '../platform/access/permissions.ts';
import { hasSecondFactorSql } from '../platform/credentials/second-factor.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';

/** From here on the policy `admins` means somebody. */
const ADMIN_LEVEL = 40;

export interface ActorRow {
  /** Milliseconds since 1970; null without a session. */
  authenticatedAt: number | null;
  /** When the session ends, in milliseconds since 1970; null without a session. */
  expiresAt: number | null;
  /** A second factor is demanded, and there is none. */
  mustEnrol: boolean;
  level: number;
  roles: string[];
  grants: Grant[];
  projectRoles: ProjectRole[];
}

/** Where another house has signed somebody in, second factors are its business; and keys have none. */
const MUST_ENROL = (sessionId: string | null) =>
  sessionId === null
    ? 'false'
    : `s.method <> 'sign-in provider'
       AND (SELECT p.value->>'secondFactor' = 'required' OR p.value->>'secondFactor' = 'admins' AND coalesce(max(r.level), 0) >= ${ADMIN_LEVEL}
              FROM "@tenant".settings p WHERE p.key = 'security')
       AND NOT ${hasSecondFactorSql('u.id')}`;

/**
 * Everything about the actor in one read, for it precedes every request: the session (where there is one) still holds, the person is
 * active, their roles and what these permit. It reads other modules' tables for that one reason.
 */
export async function findActorRow(
  ctx: TenantContext,
  userId: string,
  sessionId: string | null,
): Promise<ActorRow | null> {
  const session = `JOIN "@tenant".sessions s ON s.user_id = u.id AND s.id = $2 AND s.revoked_at IS NULL AND s.expires_at > now()
                     AND u.kind = 'person'`;
  const rows = await ctx.query<ActorRow>(
    `SELECT ${sessionId === null ? 'NULL' : '(extract(epoch FROM s.authenticated_at) * 1000)::float8'} AS "authenticatedAt",
            ${sessionId === null ? 'NULL' : '(extract(epoch FROM s.expires_at) * 1000)::float8'} AS "expiresAt",
            ${MUST_ENROL(sessionId)} AS "mustEnrol",
            coalesce(max(r.level), 0) AS level,
            coalesce(array_agg(r.key ORDER BY r.level DESC, r.key) FILTER (WHERE r.key IS NOT NULL), '{}') AS roles,
            ARRAY(SELECT DISTINCT unnest(held.grants) FROM "@tenant".roles held WHERE held.id = ANY (u.role_ids)) AS grants,
            ARRAY(SELECT m.role FROM "@tenant".project_members m WHERE m.member_id = u.id
                  UNION SELECT pt.role FROM "@tenant".team_members tm JOIN "@tenant".project_members pt ON pt.member_id = tm.team_id
                   WHERE tm.user_id = u.id) AS "projectRoles"
       FROM "@tenant".users u
       ${sessionId === null ? '' : session}
       LEFT JOIN "@tenant".roles r ON r.id = ANY (u.role_ids)
      WHERE u.id = $1 AND u.active
      GROUP BY u.id${sessionId === null ? '' : ', s.id'}`,
    sessionId === null ? [userId] : [userId, sessionId],
  );
  return rows[0] ?? null;
}
