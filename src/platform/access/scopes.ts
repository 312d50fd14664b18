import type { Grant } from './permissions.ts';

/** Whether somebody who holds these grants has at least this one: without a condition is more than with, `member` more than `involved`. */
export function covers(held: ReadonlySet<Grant>, grant: Grant): boolean {
  if (held.has('*') || held.has(grant)) return true;
  const [permission, condition] = grant.split(':') as [Grant, string | undefined];
  if (condition === undefined || permission === '*') return false;
  return held.has(permission) || (condition === 'involved' && held.has(`${permission}:member` as Grant));
}

/** What both sets permit, grant by grant. */
export function intersectionOf(one: ReadonlySet<Grant>, other: ReadonlySet<Grant>): Set<Grant> {
  return new Set([
    ...[...one].filter((grant) => covers(other, grant)),
    ...[...other].filter((grant) => covers(one, grant)),
  ]);
}
