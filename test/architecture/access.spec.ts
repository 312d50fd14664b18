import { afterAll, describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUILT_IN_ROLES } from '../../seeds/roles.ts';
import type { RouteAccess } from '../../src/platform/access/access.decorators.ts';
import { problemOfGrant } from '../../src/platform/access/grants.ts';
import { PERMISSIONS, PROJECT_ROLE_GRANTS } from '../../src/platform/access/permissions.ts';
import { routesOf } from '../isolation/routes.ts';
import { startApp } from '../support/app.ts';

/**
 * Who may call what, route by route, in a file of its own: a change of it shows up in review as a change of access.
 * After such a change: UPDATE_ACCESS=1 npm test -- --testPathPatterns architecture/access
 */
const SNAPSHOT = join(import.meta.dirname, 'access.snapshot.txt');

/** In the catalogue before the routes that will need them. */
const RESERVED: Record<string, string> = {};

const app = await startApp({ settings: { WORKER: 'false' } });
const { routes, strays } = routesOf(app);
afterAll(() => app.stop());

const permissions = Object.keys(PERMISSIONS);

describe('every route', () => {
  it('was found', () => {
    expect(strays).toEqual([]);
    expect(routes.length).toBeGreaterThan(25);
  });

  it('declares who may call it', () => {
    expect(routes.filter((route) => route.access === null).map((route) => route.name)).toEqual([]);
  });

  it('below /platform is for operators, but for those with which they sign in, and nothing else is', () => {
    const openToAll = ['login', 'enrol', 'enrol/confirm'].map((path) => `POST /api/v1/platform/auth/${path}`);
    const below = routes.filter((route) => route.path.startsWith('/api/v1/platform/'));
    expect(below.length).toBeGreaterThan(4);
    expect(
      below
        .filter((route) => route.access?.kind !== 'operator')
        .map((route) => route.name)
        .sort(),
    ).toEqual(openToAll.sort());
    expect(routes.filter((route) => route.access?.kind === 'operator' && !below.includes(route))).toEqual([]);
  });

  it('with which operators do something puts it on record', () => {
    const doing = routes.filter(({ access, method }) => access?.kind === 'operator' && method !== 'GET');
    expect(doing.length).toBeGreaterThan(0);
    expect(doing.filter(({ access }) => access?.kind === 'operator' && access.action === null)).toEqual([]);
  });

  it('is open to those whom access.snapshot.txt says, and to nobody else', () => {
    const lines = routes
      .map(({ method, path, access }) => `${method.padEnd(6)} ${path} ${described(access)}\n`)
      .join('');
    if (process.env['UPDATE_ACCESS'] === '1') writeFileSync(SNAPSHOT, lines);
    expect(lines).toBe(readFileSync(SNAPSHOT, 'utf8'));
  });
});

describe('every permission', () => {
  const used = new Set(routes.map(({ access }) => (access?.kind === 'requires' ? access.permission : null)));

  it('is asked for by a route, or reserved for a reason', () => {
    expect(permissions.length).toBeGreaterThan(10);
    expect(permissions.filter((permission) => !used.has(permission as never) && !RESERVED[permission])).toEqual([]);
    expect(Object.keys(RESERVED).filter((permission) => used.has(permission as never))).toEqual([]);
    expect(permissions).toEqual(expect.arrayContaining(Object.keys(RESERVED)));
  });

  it('is named as the catalogue names it by every built-in role and every role in a project', () => {
    const roles: [string, readonly string[]][] = [
      ...BUILT_IN_ROLES.map(({ key, grants }): [string, readonly string[]] => [key, grants]),
      ...Object.entries(PROJECT_ROLE_GRANTS),
    ];
    expect(roles.map(([key]) => key)).toEqual(
      expect.arrayContaining(['owner', 'admin', 'manager', 'member', 'viewer', 'guest']),
    );
    const unknown = roles.flatMap(([key, grants]) =>
      grants.filter((grant) => grant !== '*' && problemOfGrant(grant) !== null).map((grant) => `${key}: ${grant}`),
    );
    expect(unknown).toEqual([]);
    expect(roles.flatMap(([, grants]) => grants).length).toBeGreaterThan(30);
  });

  it('is held by an owner without being listed, and by an administrator but for what would make more of them', () => {
    const grantsOf = (key: string) => BUILT_IN_ROLES.find((role) => role.key === key)!.grants as string[];
    expect(grantsOf('owner')).toEqual(['*']);
    expect(permissions.filter((permission) => !grantsOf('admin').includes(permission))).toEqual([
      'tenant.update',
      'tenant.export',
      'tenant.security',
      'user.delete',
      'role.create',
      'role.update',
      'role.delete',
    ]);
  });
});

function described(access: RouteAccess | null): string {
  if (access === null) return 'NOTHING DECLARED';
  if (access.kind === 'requires') return `requires ${access.permission}`;
  if (access.kind === 'signed-in') return 'signed in';
  if (access.kind === 'operator')
    return access.action === null ? 'operators' : `operators, on record as ${access.action}`;
  return { true: 'public in a tenant', optional: 'public, tenant by credential', false: 'public, no tenant' }[
    `${access.tenant}`
  ];
}
