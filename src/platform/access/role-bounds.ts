import type { Actor } from './actor.ts';
import { covers } from './grants.ts';
import type { Grant } from './permissions.ts';

/** What bounds who may make, change or give a role. */
export interface RoleContent {
  key: string;
  level: number;
  grants: readonly Grant[];
}

/**
 * Why the actor may not make, change or give this role; null when they may. Whoever could, would make themselves or
 * others more than they are: by a level above their own, or by what they may not do themselves.
 */
export function refusalToHandle(actor: Actor, role: RoleContent): string | null {
  if (role.level > actor.level) return `The role ${role.key} is above your own.`;
  const lacking = role.grants.find((grant) => !covers(actor.grants, grant));
  if (lacking === undefined) return null;
  return lacking === '*'
    ? `The role ${role.key} holds everything, and you do not.`
    : `The role ${role.key} holds ${lacking}, which you do not hold yourself.`;
}
