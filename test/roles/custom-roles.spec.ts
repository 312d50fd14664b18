import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { ActorVerifier } from '../../src/platform/access/actor-verifier.ts';
import { narrow } from '../../src/platform/access/grants.ts';
import type { Grant } from '../../src/platform/access/permissions.ts';
import { changes, stateOf } from '../isolation/state.ts';
import { startApp } from '../support/app.ts';
import { expectStatus, type Client } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signIn, signUp, type Person, type TestTenant } from '../support/tenant.ts';

// No worker, so that what a refused call has not changed, nobody else has.
const app = await startApp({ settings: { WORKER: 'false' } });
let acme: TestTenant;
let schema: string;
beforeAll(async () => {
  honourScopes();
  acme = await signUp(app);
  const sql = 'SELECT schema_name FROM public.tenants WHERE id = $1';
  schema = (await app.owner.query<{ schema_name: string }>(sql, [acme.id])).rows[0]!.schema_name;
});
afterAll(() => app.stop());

const content = (grants: string[], level = 20) => ({ key: `r-${newId()}`, name: 'Own', level, grants });

async function roleOf(grants: string[], level = 20): Promise<{ id: string; key: string; version: number }> {
  return expectStatus(await acme.owner.post('/roles', content(grants, level)), 201).data;
}

async function personWith(grants: string[], level = 20): Promise<Person> {
  return acme.join('Petra', (await roleOf(grants, level)).key);
}

async function eventsOf(action: string, targetId: string) {
  const { rows } = await app.owner.query(
    `SELECT outcome, actor_id, before, after FROM "${schema}".audit_events WHERE action = $1 AND target_id = $2 ORDER BY at, id`,
    [action, targetId],
  );
  return rows;
}

describe('a role of an organisation’s own', () => {
  const auditor = { key: 'auditor', name: 'Auditor', description: 'Reads along', level: 15, grants: ['task.read'] };

  it('is made, read, listed, changed and deleted, and each is written down', async () => {
    const made = expectStatus(await acme.owner.post('/roles', auditor), 201);
    expect(made.data).toMatchObject({ ...auditor, builtIn: false, version: 1 });
    const path = `/roles/${made.data.id}`;
    expect(made.headers.get('location')).toBe(`/api/v1${path}`);
    expect((await acme.owner.get(path)).data).toEqual(made.data);
    const keys = (await acme.owner.get('/roles')).data.map((role: any) => role.key);
    expect(keys.slice(0, 3)).toEqual(['owner', 'admin', 'manager']);
    expect(keys).toEqual(expect.arrayContaining(['auditor', 'guest']));
    const changed = expectStatus(await acme.owner.patch(path, { grants: ['task.read', 'project.read'] }), 200);
    expect(changed.data).toMatchObject({ ...auditor, grants: ['task.read', 'project.read'], version: 2 });
    expectStatus(await acme.owner.delete(path), 204);
    expect((await acme.owner.get(path)).error.code).toBe('role_not_found');
    expect(await eventsOf('role.created', made.data.id)).toMatchObject([{ outcome: 'done', after: auditor }]);
    expect(await eventsOf('role.updated', made.data.id)).toMatchObject([
      { actor_id: acme.owner.id, before: { grants: ['task.read'] }, after: { grants: ['task.read', 'project.read'] } },
    ]);
    expect(await eventsOf('role.deleted', made.data.id)).toMatchObject([{ before: { key: 'auditor' } }]);
  });

  it.each([
    ['a permission that does not exist', ['task.read', 'task.fly'], '/grants/1', 'unknown_permission'],
    ['everything', ['*'], '/grants/0', 'unknown_permission'],
    ['a condition of another permission', ['team.update:member'], '/grants/0', 'condition_does_not_fit'],
    ['a condition on what belongs to no project', ['user.read:member'], '/grants/0', 'condition_does_not_fit'],
    ['a condition on a task that is not there yet', ['task.create:assignee'], '/grants/0', 'condition_does_not_fit'],
    ['what every object has', ['toString'], '/grants/0', 'unknown_permission'],
  ])('cannot hold %s', async (_, grants, pointer, code) => {
    const answer = expectStatus(await acme.owner.post('/roles', content(grants)), 400);
    expect(answer.error.details).toMatchObject([{ pointer, code }]);
  });

  it.each([
    [{ level: 0 }, '/level'],
    [{ level: 51 }, '/level'],
    [{ level: 1.5 }, '/level'],
    [{ level: '20' }, '/level'],
    [{ key: 'With Spaces' }, '/key'],
    [{ key: '' }, '/key'],
    [{ name: ' ' }, '/name'],
    [{ grants: 'task.read' }, '/grants'],
    [{ builtIn: true }, '/builtIn'],
  ])('is refused with %j', async (wrong, pointer) => {
    const answer = expectStatus(await acme.owner.post('/roles', { ...content([]), ...wrong }), 400);
    expect(answer.error.details[0]!.pointer).toBe(pointer);
  });

  it('has a key of its own, and keeps it', async () => {
    const { key, id } = await roleOf([]);
    expect((await acme.owner.post('/roles', { ...content([]), key })).error.code).toBe('role_key_taken');
    expect((await acme.owner.post('/roles', { ...content([]), key: 'admin' })).error.code).toBe('role_key_taken');
    expect((await acme.owner.patch(`/roles/${id}`, { key: 'other' })).error.details[0]!.code).toBe('unknown_field');
  });

  it('stays while somebody has it', async () => {
    const { key, id } = await roleOf([]);
    const person = await acme.join('Petra', key);
    expect((await acme.owner.delete(`/roles/${id}`)).error.code).toBe('role_in_use');
    expectStatus(await acme.owner.put(`/users/${person.id}/roles`, { roles: ['viewer'] }), 200);
    expectStatus(await acme.owner.delete(`/roles/${id}`), 204);
    const again = await acme.owner.put(`/users/${person.id}/roles`, { roles: [key] });
    expect(again.error.details).toMatchObject([{ pointer: '/roles/0', code: 'unknown_role' }]);
  });

  it('is not one that is built in', async () => {
    const { data } = await acme.owner.get('/roles');
    const viewer = data.find((role: any) => role.key === 'viewer');
    expect(viewer.builtIn).toBe(true);
    for (const answer of [
      await acme.owner.patch(`/roles/${viewer.id}`, { grants: ['task.delete'] }),
      await acme.owner.delete(`/roles/${viewer.id}`),
    ])
      expect([answer.status, answer.error.code]).toEqual([409, 'role_built_in']);
  });

  it('keeps the change of the first of two administrators who started from the same version', async () => {
    const staff = await personWith(['role.read', 'role.update', 'role.create', 'task.read', 'task.update'], 40);
    const { id } = await roleOf([]);
    const answers = await Promise.all(
      [acme.owner, staff, acme.owner, staff].map((who, i) =>
        who.patch(`/roles/${id}`, { grants: i % 2 === 0 ? ['task.read'] : ['task.update'] }, { 'if-match': '"1"' }),
      ),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 412, 412, 412]);
    const kept = answers.find((answer) => answer.status === 200)!.data;
    expect((await acme.owner.get(`/roles/${id}`)).data).toEqual(kept);
    expect(await eventsOf('role.updated', id)).toHaveLength(1);
  });
});

describe('a condition', () => {
  /** Of each kind one task, in a project where the person is a viewer, and one where they are nobody. */
  async function tasksFor(person: Person) {
    const inside = await acme.project('inside', [[person, 'viewer']]);
    const outside = await acme.project('outside');
    const ids = {
      assigned: (await acme.task(inside.id, { title: 'assigned', assigneeId: person.id })).id,
      reported: (await acme.task(inside.id, { title: 'reported', reporterId: person.id })).id,
      neither: (await acme.task(inside.id, { title: 'neither' })).id,
      outside: (await acme.task(outside.id, { title: 'outside' })).id,
    };
    // Somebody may have been in the project when the task was assigned, and have left it by way of the database alone.
    await app.owner.query(`UPDATE "${schema}".tasks SET assignee_id = $2, reporter_id = $2 WHERE id = $1`, [
      ids.outside,
      person.id,
    ]);
    return { ids, inside };
  }

  it.each([
    ['task.update:assignee', [200, 403, 403, 404]],
    ['task.update:reporter', [403, 200, 403, 404]],
    ['task.update:involved', [200, 200, 403, 404]],
    ['task.update:member', [200, 200, 200, 404]],
    ['task.update:owner', [403, 403, 403, 404]],
    ['task.update:team', [403, 403, 403, 404]],
  ])('%s is asked of the task that is changed', async (grant, expected) => {
    const person = await personWith([grant]);
    const { ids } = await tasksFor(person);
    await eventually(async () => expectStatus(await person.get(`/tasks/${ids.neither}`), 200));
    const statuses: number[] = [];
    for (const id of Object.values(ids))
      statuses.push((await person.patch(`/tasks/${id}`, { priority: 'low' })).status);
    expect(statuses).toEqual(expected);
  });

  it('about owning the project opens what one owns, and about teams what one’s team was given', async () => {
    const owner = await personWith(['project.create', 'task.delete:owner']);
    const own = expectStatus(await acme.owner.post('/projects', { name: 'owned', ownerId: owner.id }), 201).data.id;
    const other = (await acme.project('not owned', [[owner, 'member']])).id;
    const mate = await personWith(['task.delete:team']);
    const team = expectStatus(await acme.owner.post('/teams', { name: newId() }), 201).data.id;
    expectStatus(await acme.owner.post(`/teams/${team}/members`, { userId: mate.id }), 201);
    expectStatus(await acme.owner.put(`/projects/${other}/teams/${team}`, { role: 'viewer' }), 200);
    const direct = (await acme.project('by name', [[mate, 'viewer']])).id;
    const attempt = async (who: Person, project: string) =>
      (await who.delete(`/tasks/${(await acme.task(project)).id}`)).status;
    expect([await attempt(owner, own), await attempt(owner, other)]).toEqual([204, 403]);
    expect([await attempt(mate, other), await attempt(mate, direct), await attempt(mate, own)]).toEqual([
      204, 403, 404,
    ]);
  });

  it('about the task holds in single reads, lists, counts, history and comments', async () => {
    const reader = await personWith(['task.read', 'task.comment', 'project.read']);
    const { ids, inside } = await tasksFor(reader);
    // Every role in a project reads all of its tasks: only a credential that is narrower than the person sees less.
    const narrowed = narrowedTo(reader, ['task.read:assignee', 'task.comment:assignee']);
    for (const path of ['/tasks?count=true', `/projects/${inside.id}/tasks?count=true`]) {
      const { data, meta } = expectStatus(await narrowed.get(path), 200);
      expect([path, data.map((task: any) => task.title), meta.total]).toEqual([path, ['assigned'], 1]);
    }
    for (const [kind, id] of Object.entries(ids)) {
      const statuses: number[] = [];
      for (const path of ['', '/history', '/comments'])
        statuses.push((await narrowed.get(`/tasks/${id}${path}`)).status);
      statuses.push((await narrowed.post(`/tasks/${id}/comments`, { body: 'Mine?' })).status);
      expect([kind, statuses]).toEqual([kind, kind === 'assigned' ? [200, 200, 200, 201] : [404, 404, 404, 404]]);
    }
    expect((await narrowed.get(`/projects/${inside.id}/metrics`)).status).toBe(403);
  });

  it.each(['member', 'owner', 'team', 'involved', 'assignee', 'reporter'])(
    '%s opens in lists what it opens one by one',
    async (condition) => {
      const person = await personWith(['task.read', 'project.read', 'project.create']);
      const { ids } = await tasksFor(person);
      const owned = expectStatus(await person.post('/projects', { name: 'owned' }), 201).data.id;
      const team = expectStatus(await acme.owner.post('/teams', { name: newId() }), 201).data.id;
      expectStatus(await acme.owner.post(`/teams/${team}/members`, { userId: person.id }), 201);
      const shared = (await acme.project('shared')).id;
      expectStatus(await acme.owner.put(`/projects/${shared}/teams/${team}`, { role: 'member' }), 200);
      const all = [...Object.values(ids), (await acme.task(owned)).id, (await acme.task(shared)).id];
      const narrowed = narrowedTo(person, [`task.read:${condition}`, 'project.read:member']);
      const readable: string[] = [];
      for (const id of all) if ((await narrowed.get(`/tasks/${id}`)).status === 200) readable.push(id);
      const { data, meta } = expectStatus(await narrowed.get('/tasks?count=true&limit=100'), 200);
      expect(data.map((task: any) => task.id).sort()).toEqual(readable.sort());
      expect(meta.total).toBe(readable.length);
      expect(readable.length).toBeGreaterThan(0);
      expect(readable.length).toBeLessThan(all.length);
    },
  );
});

describe('nobody becomes more than they are', () => {
  // Above a member, below an administrator, and may do everything to roles and people that a route can ask for.
  const CLERK = ['role.read', 'role.create', 'role.update', 'role.delete', 'user.read', 'user.create', 'user.update'];
  let clerk: Person;
  let roleId: string;
  beforeAll(async () => {
    const role = await roleOf([...CLERK, 'task.read', 'task.update:involved'], 30);
    roleId = role.id;
    clerk = await acme.join('Clara', role.key);
  });

  async function refused(code: string, attempt: () => Promise<any>): Promise<string> {
    const before = await stateOf(app.owner, [schema]);
    const answer = await attempt();
    expect([answer.status, answer.error?.code]).toEqual([403, code]);
    expect(changes(before, await stateOf(app.owner, [schema]))).toEqual([]);
    return answer.error.message;
  }

  it('by a role above their own level', async () => {
    await refused('role_out_of_reach', () => clerk.post('/roles', content([], 31)));
    const { id } = await roleOf([], 35);
    await refused('role_out_of_reach', () => clerk.patch(`/roles/${id}`, { level: 10 }));
    await refused('role_out_of_reach', () => clerk.delete(`/roles/${id}`));
    const own = expectStatus(await clerk.post('/roles', content([], 30)), 201).data.id;
    await refused('role_out_of_reach', () => clerk.patch(`/roles/${own}`, { level: 31 }));
  });

  it('by a role with what they do not hold', async () => {
    for (const grant of [
      'tenant.export',
      'task.delete:assignee',
      'task.update',
      'task.update:member',
      'team.update:lead',
    ])
      expect(await refused('role_out_of_reach', () => clerk.post('/roles', content([grant])))).toContain(grant);
    const { id } = await roleOf(['tenant.export']);
    await refused('role_out_of_reach', () => clerk.patch(`/roles/${id}`, { grants: [] }));
    await refused('role_out_of_reach', () => clerk.delete(`/roles/${id}`));
    expectStatus(await clerk.post('/roles', content(['task.read', 'task.update:assignee', 'task.read:member'])), 201);
  });

  it('by changing the role that they have', async () => {
    const grants = [...CLERK, 'task.read', 'task.update:involved'];
    await refused('role_out_of_reach', () => clerk.patch(`/roles/${roleId}`, { grants: [...grants, 'user.delete'] }));
    await refused('role_out_of_reach', () => clerk.patch(`/roles/${roleId}`, { level: 40 }));
    expectStatus(await clerk.patch(`/roles/${roleId}`, { name: 'Clerk' }), 200);
  });

  it('by a role that they give to themselves or to a friend', async () => {
    const { key } = await roleOf(['tenant.export'], 5);
    const own = expectStatus(await clerk.get('/users/me'), 200).data.roles;
    for (const roles of [['admin'], ['owner'], ['manager'], [key]])
      await refused('user_out_of_reach', () => clerk.put(`/users/${clerk.id}/roles`, { roles: [...own, ...roles] }));
    const friend = { email: `${newId()}@acme.test`, firstName: 'New', lastName: 'Friend' };
    for (const roles of [['admin'], [key], ['viewer', key]])
      await refused('user_out_of_reach', () => clerk.post('/users', { ...friend, roles }));
    const petra = await acme.join('Petra', 'viewer');
    await refused('user_out_of_reach', () => clerk.put(`/users/${petra.id}/roles`, { roles: ['viewer', key] }));
  });

  it('and leaves others what they have, although they could not have given it', async () => {
    const { key } = await roleOf(['tenant.export'], 5);
    const own = expectStatus(await clerk.post('/roles', content(['task.read'])), 201).data.key;
    const petra = await acme.join('Petra', key);
    const { data } = expectStatus(await clerk.put(`/users/${petra.id}/roles`, { roles: [key, own] }), 200);
    expect(data.roles.sort()).toEqual([key, own].sort());
    expect(await eventsOf('user.roles_changed', petra.id)).toMatchObject([
      { actor_id: clerk.id, before: { roles: [key] }, after: { roles: expect.arrayContaining([key, own]) } },
    ]);
  });

  it('and each attempt is written down', async () => {
    const answer = await clerk.post('/roles', content(['tenant.export']));
    const { rows } = await app.owner.query(
      `SELECT action, outcome, actor_id, details FROM "${schema}".audit_events WHERE request_id = $1`,
      [answer.headers.get('x-request-id')],
    );
    expect(rows).toMatchObject([
      { action: 'access.refused', outcome: 'refused', actor_id: clerk.id, details: { code: 'role_out_of_reach' } },
    ]);
  });

  it('by membership: a role in a project is given by those who may do there what it does', async () => {
    const staff = await personWith(['project.read', 'project.update']);
    const { id } = await acme.project('Coveted', [[staff, 'viewer']]);
    const attempts = [
      () => staff.patch(`/projects/${id}/members/${staff.id}`, { role: 'manager' }),
      () => staff.patch(`/projects/${id}`, { ownerId: staff.id }),
    ];
    for (const attempt of attempts)
      expect(await refused('permission_denied', attempt)).toBe('This needs the permission task.create.');
    expectStatus(await staff.post(`/projects/${id}/members`, { userId: clerk.id, role: 'viewer' }), 201);
  });
});

describe('the change of a role', () => {
  it('is seen within a second by another instance', async () => {
    const second = await startApp({ database: app.database });
    try {
      const { id, key } = await roleOf(['project.read']);
      const person = await acme.join('Petra', key);
      const there = Object.assign(person.with({}), { url: second.url }) as Person;
      expectStatus(await there.get('/projects'), 200);
      expectStatus(await there.get('/users'), 403);
      expectStatus(await acme.owner.patch(`/roles/${id}`, { grants: ['user.read'] }), 200);
      await eventually(async () => expectStatus(await there.get('/users'), 200), 1_500);
      expectStatus(await there.get('/projects'), 403);
      expectStatus(await acme.owner.put(`/users/${person.id}/roles`, { roles: ['guest'] }), 200);
      await eventually(async () => expectStatus(await there.get('/users'), 403), 1_500);
    } finally {
      await second.stop();
    }
  });

  it('is in the next token', async () => {
    const { id, key } = await roleOf(['project.read']);
    const { email } = await acme.join('Petra', key);
    expectStatus(await acme.owner.patch(`/roles/${id}`, { grants: ['user.read', 'task.update:assignee'] }), 200);
    const { accessToken } = await signIn(acme.visitor, email);
    const claims = JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString());
    expect([claims.role, claims.permissions.sort()]).toEqual([key, ['task.update:assignee', 'user.read']]);
  });
});

/** As with a key whose scopes are these: the header stands in for it, where the actor is made. */
function narrowedTo(person: Person, scopes: string[]): Client {
  return person.with({ 'x-test-scopes': scopes.join(' ') });
}

function honourScopes(): void {
  const verifier = app.nest.get(ActorVerifier);
  const verify = verifier.verify.bind(verifier);
  verifier.verify = async (request, addressed, caller) => {
    const verified = await verify(request, addressed, caller);
    const header = request.headers['x-test-scopes'];
    if (typeof header !== 'string') return verified;
    const scopes = new Set(header.split(' ') as Grant[]);
    const grants = new Set(narrow(verified.actor.grants, scopes));
    return { ...verified, actor: { ...verified.actor, grants, key: { id: 'key', scopes, requestsPerMinute: null } } };
  };
}
