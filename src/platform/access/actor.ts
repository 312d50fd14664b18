import type { Grant, ProjectRole } from './permissions.ts';

/** Who acts. Loaded from the tenant's own tables for every request (kept for a second), never believed from a token. */
export interface Actor {
  kind: 'user' | 'key' | 'operator' | 'system';
  /** Null for the system itself: commands, jobs and listeners. */
  userId: string | null;
  sessionId: string | null;
  /** When the person last proved who they are, in this session; null for whoever has no session. */
  authenticatedAt: Date | null;
  roles: readonly string[];
  /** The highest of the roles' levels. */
  level: number;
  grants: ReadonlySet<Grant>;
  /** The roles this person has in any project, without repetition; which project is looked up per record. */
  projectRoles: readonly ProjectRole[];
  /** The API key that stands in for the person; what it may do is bounded by its scopes, in every project as well. */
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
  roles: [],
  level: 100,
  grants: new Set<Grant>(['*']),
  projectRoles: [],
};

/** Somebody who has not signed in: may use public routes of a tenant. */
export const ANONYMOUS: Actor = {
  kind: 'user',
  userId: null,
  sessionId: null,
  authenticatedAt: null,
  roles: [],
  level: 0,
  grants: new Set<Grant>(),
  projectRoles: [],
};
