import type { Grant, ProjectRole } from './permissions.ts';

/** Who acts. Loaded from the tenant's own tables for every request (kept for a second), never believed from a token. */
export interface Actor {
  kind: 'user' | 'key' | 'operator' | 'system';
  /** Null for the system itself: commands, jobs and listeners. Of an operator it is their account in the registry. */
  userId: string | null;
  sessionId: string | null;
  /** When the person last proved who they are, in this session; null for whoever has no session. */
  authenticatedAt: Date | null;
  /** A second factor is demanded of this person, and they have none: until then they can do nothing but set one up. */
  mustEnrol: boolean;
  roles: readonly string[];
  /** The highest of the roles' levels. */
  level: number;
  grants: ReadonlySet<Grant>;
  /** The roles this person has in any project, direct or through teams, without repetition; which project is looked up per record. */
  projectRoles: readonly ProjectRole[];
  /** The API key that stands in for the person. `grants` are what both permit; what project roles add is narrowed in the same way. */
  key?: ActingKey;
}

export interface ActingKey {
  id: string;
  scopes: ReadonlySet<Grant>;
  /** Null without a limit of its own. */
  requestsPerMinute: number | null;
}

/** Acts for the product itself, within one tenant. */
export const SYSTEM: Actor = {
  kind: 'system',
  userId: null,
  sessionId: null,
  authenticatedAt: null,
  mustEnrol: false,
  roles: [],
  level: 100,
  grants: new Set<Grant>(['*']),
  projectRoles: [],
};

/** Somebody who operates the installation and acts within one tenant. @param operatorId null for a command: whoever may run one needs no account */
export function operatorActor(operatorId: string | null): Actor {
  return { ...SYSTEM, kind: 'operator', userId: operatorId };
}

/** Somebody who has not signed in: may use public routes of a tenant. */
export const ANONYMOUS: Actor = {
  kind: 'user',
  userId: null,
  sessionId: null,
  authenticatedAt: null,
  mustEnrol: false,
  roles: [],
  level: 0,
  grants: new Set<Grant>(),
  projectRoles: [],
};
