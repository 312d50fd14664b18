import { canAny } from '../platform/access/abilities.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import type { Actor } from '../platform/access/actor.ts';
import type { AppError } from '../platform/errors/app-error.ts';
import { OwnWeek } from './timesheets.errors.ts';

/** One's own; those of others take the permission on every record, because a week holds time of any project. */
export function canReadTimesheets(actor: Actor, userId: string): boolean {
  return actor.userId === userId || canAny(actor, 'time.manage');
}

/** Why the actor may not approve or reopen a week of this person; null when they may. */
export function refusalToApprove(actor: Actor, userId: string): AppError | null {
  if (!canAny(actor, 'time.manage')) return new PermissionDenied('time.manage');
  if (actor.userId === userId && !actor.roles.includes('owner')) return new OwnWeek();
  return null;
}
