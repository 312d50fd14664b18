import {
  CONDITIONS,
  PERMISSIONS,
  WITHIN,
  conditionsOf,
  type Condition,
  type Grant,
  type Permission,
} from './permissions.ts';

/** A grant in its parts; `condition` is null when it holds on every record. Not for `*`. */
export function partsOf(grant: Exclude<Grant, '*'>): { permission: Permission; condition: Condition | null } {
  const [permission, condition = null] = grant.split(':') as [Permission, Condition?];
  return { permission, condition };
}

/** What keeps a text from being a grant; null when it is one. `*` is none: everything belongs to owners alone. */
export function problemOfGrant(text: string): 'unknown_permission' | 'condition_does_not_fit' | null {
  const [permission = '', condition, ...more] = text.split(':');
  if (!Object.hasOwn(PERMISSIONS, permission) || more.length > 0) return 'unknown_permission';
  if (condition === undefined) return null;
  const fits =
    Object.hasOwn(CONDITIONS, condition) && conditionsOf(permission as Permission).includes(condition as Condition);
  return fits ? null : 'condition_does_not_fit';
}

/**
 * Whether somebody who holds these grants holds this one as well: by everything, by the permission without a condition,
 * with the same one, or with one that it lies within.
 */
export function covers(held: ReadonlySet<Grant>, wanted: Grant): boolean {
  if (held.has('*')) return true;
  if (wanted === '*') return false;
  const { permission, condition } = partsOf(wanted);
  if (held.has(permission)) return true;
  if (condition === null) return false;
  return [condition, ...WITHIN[condition]].some((wider) => held.has(`${permission}:${wider}`));
}

/**
 * What both sides permit: of each two grants that overlap the narrower one. Conditions of which neither lies within the
 * other have nothing in common here, although a record may happen to meet both.
 */
export function narrow(held: Iterable<Grant>, scopes: ReadonlySet<Grant>): Grant[] {
  const grants = [...held];
  const own = new Set(grants);
  return [
    ...new Set([
      ...grants.filter((grant) => covers(scopes, grant)),
      ...[...scopes].filter((scope) => covers(own, scope)),
    ]),
  ];
}
