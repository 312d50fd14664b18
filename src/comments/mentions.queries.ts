import { PROJECT_ROLES, type Grant, type ProjectRole } from '../platform/access/permissions.ts';
import type { PeopleNamed } from '../platform/markdown/people-named.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';

/** Somebody who is active, what their roles permit, and what they are in a project. */
export interface NamedPerson {
  id: string;
  /** In its one spelling. */
  email: string;
  grants: Grant[];
  projectRole: ProjectRole | null;
  ownsProject: boolean;
  throughTeam: boolean;
}

/**
 * All people of a text at once. It reads other modules' tables for that one reason: whether each of them may see a task
 * would otherwise take several statements a person.
 */
export function findNamedPeople(
  ctx: TenantContext,
  projectId: string,
  { ids, emails }: PeopleNamed,
): Promise<NamedPerson[]> {
  return ctx.query<NamedPerson>(
    `SELECT u.id, u.canonical_email AS email, standing.role AS "projectRole", standing.through_team AS "throughTeam",
            EXISTS (SELECT FROM "@tenant".projects p WHERE p.id = $1 AND p.owner_id = u.id) AS "ownsProject",
            ARRAY(SELECT DISTINCT unnest(r.grants) FROM "@tenant".roles r WHERE r.id = ANY (u.role_ids)) AS grants
       FROM "@tenant".users u
      CROSS JOIN LATERAL (
        SELECT (array_agg(s.role ORDER BY array_position($4::text[], s.role)))[1] AS role, coalesce(bool_or(s.team), false) AS through_team
          FROM (SELECT m.role, false AS team FROM "@tenant".project_members m WHERE m.project_id = $1 AND m.member_id = u.id
                UNION ALL SELECT pt.role, true FROM "@tenant".team_members tm JOIN "@tenant".project_members pt ON pt.member_id = tm.team_id
                 WHERE pt.project_id = $1 AND tm.user_id = u.id) s) standing
      WHERE u.active AND u.kind = 'person' AND (u.id = ANY ($2::uuid[]) OR u.canonical_email = ANY ($3::text[]))`,
    [projectId, ids, emails, PROJECT_ROLES],
  );
}
