import type { Condition, Grant, Permission, ProjectRole } from '../platform/access/permissions.ts';

/** A role in the organisation. */
export interface RoleSource {
  key: string;
  grants: readonly Grant[];
}

/** A role in a project: by name, or through a team. */
export interface ProjectSource {
  projectId: string;
  projectName: string;
  role: ProjectRole;
  ownsProject: boolean;
  teamId: string | null;
  teamName: string | null;
}

/** Where a permission comes from: exactly one of the two. `condition` is null when it holds on every record. */
export interface Reason {
  condition: Condition | null;
  role: string | null;
  project: ProjectSource | null;
}

/** What somebody may do in the end. */
export interface EffectivePermission {
  permission: Permission;
  /** On every record: of the organisation, or of the project that was asked for. */
  everywhere: boolean;
  /** Otherwise: on the records that meet one of these. Empty when it comes from roles in projects alone. */
  conditions: Condition[];
  /** Whether a role in a project gives it, too. */
  inProjects: boolean;
  reasons: Reason[];
}
