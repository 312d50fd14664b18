import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { routesOf } from '../isolation/routes.ts';
import { changes, stateOf } from '../isolation/state.ts';
import { startApp } from '../support/app.ts';
import { expectStatus, type Client } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type Person, type RoleKey, type TestTenant } from '../support/tenant.ts';
import { CLASSIFIED, Calls } from './calls.ts';
import { MATRIX, ROLES } from './matrix.ts';

// No worker, so that what a refused call has not changed, nobody else has.
const app = await startApp({ settings: { WORKER: 'false' } });
afterAll(() => app.stop());

/** One person of each role, besides the founder, who makes whatever they act on. */
async function staff(tenant: TestTenant): Promise<Record<RoleKey, Person>> {
  const names = { owner: 'Oscar', admin: 'Ada', manager: 'Mary', member: 'Mike', viewer: 'Vera', guest: 'Gwen' };
  const joined = await Promise.all(ROLES.map(async (role) => [role, await tenant.join(names[role], role)]));
  return Object.fromEntries(joined) as Record<RoleKey, Person>;
}

async function schemaOf({ id }: TestTenant): Promise<string> {
  const sql = 'SELECT schema_name FROM public.tenants WHERE id = $1';
  return (await app.owner.query<{ schema_name: string }>(sql, [id])).rows[0]!.schema_name;
}

/** Runs the requests into locks that somebody else holds, until so many wait; only then the locks go. */
async function heldBack<T>(locks: string[], count: number, requests: () => Promise<T>[]): Promise<T[]> {
  const holder = await app.owner.connect();
  try {
    await holder.query('BEGIN');
    for (const lock of locks) await holder.query(lock);
    const answers = Promise.all(requests());
    await eventually(async () => expect(await waiting()).toBe(count), 1_500);
    await holder.query('COMMIT');
    return await answers;
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
}

async function waiting(): Promise<number> {
  const sql = `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'`;
  return (await app.owner.query<{ count: number }>(sql, [app.database.name])).rows[0]!.count;
}

describe('the matrix of routes and roles', () => {
  let people: Record<RoleKey, Person>;
  let schema: string;
  let calls: Calls;
  beforeAll(async () => {
    const acme = await signUp(app);
    [people, schema] = await Promise.all([staff(acme), schemaOf(acme)]);
    calls = new Calls(app, acme, schema);
  });

  it('has a row for every route that asks for a permission, and no other', () => {
    const asking = routesOf(app).routes.filter((route) => route.access?.kind === 'requires');
    const names = asking.map(({ method, path }) => `${method} ${path.replace('/api/v1', '')}`);
    expect([...new Set(MATRIX.map((row) => row.route))].sort()).toEqual(names.sort());
    expect(MATRIX.flatMap((row) => row.cells).length).toBeGreaterThan(300);
  });

  it.each(MATRIX)('is kept by $route $variant', async (row) => {
    const wrong: string[] = [];
    for (const { role, place, status } of row.cells) {
      const { method, path, body } = await calls.callOf(row, people[role], place);
      const before = await stateOf(app.owner, [schema]);
      const answer = await people[role].call(method, path, { body });
      const text = JSON.stringify(answer.body);
      const found: string[] = [];
      if (answer.status !== status) found.push(`${answer.status} instead of ${status}: ${text}`);
      if (answer.status >= 400) {
        const changed = changes(before, await stateOf(app.owner, [schema]));
        found.push(...changed.map((what) => `refused, and changed ${what}`));
        if (text.includes(CLASSIFIED)) found.push(`refused, and told ${text}`);
      }
      wrong.push(...found.map((problem) => `${role}, ${place}: ${problem}`));
    }
    expect(wrong).toEqual([]);
  });
});

describe('a list', () => {
  let globex: TestTenant;
  let seen: { id: string };
  let hidden: { id: string };
  let people: Record<RoleKey, Person>;
  beforeAll(async () => {
    globex = await signUp(app);
    people = await staff(globex);
    seen = await globex.project(
      'seen',
      ROLES.map((role) => [people[role], 'viewer']),
    );
    hidden = await globex.project('hidden');
    // Taking turns, so that every page of those who see everything holds both.
    for (const count of ['first', 'second', 'third']) {
      await globex.task(seen.id, { title: `seen ${count}` });
      await globex.task(hidden.id, { title: `hidden ${count}`, tags: ['hidden'] });
    }
  });

  /** From the first page to the last, and back. */
  async function walk(client: Client, path: string): Promise<{ forwards: any[]; backwards: any[] }> {
    const get = async (cursor = '') => expectStatus(await client.get(`${path}?limit=1${cursor}`), 200);
    let page = await get();
    const forwards = [...page.data];
    while (page.meta.nextCursor) forwards.push(...(page = await get(`&after=${page.meta.nextCursor}`)).data);
    const backwards = [...page.data];
    while (page.meta.prevCursor) backwards.unshift(...(page = await get(`&before=${page.meta.prevCursor}`)).data);
    return { forwards, backwards };
  }

  it.each([
    ['owner', ['hidden', 'seen'], ['hidden', 'seen']],
    ['admin', ['hidden', 'seen'], ['hidden', 'seen']],
    ['manager', ['hidden', 'seen'], ['seen']],
    ['member', ['seen'], ['seen']],
    ['viewer', ['seen'], ['seen']],
    ['guest', ['seen'], ['seen']],
  ] as const)('shows and counts for the %s what they may see, in either direction', async (role, projects, kinds) => {
    const tasks = kinds.flatMap((kind) => ['first', 'second', 'third'].map((count) => `${kind} ${count}`));
    const lists = { '/projects': [...projects], '/tasks': tasks };
    for (const [path, names] of Object.entries(lists)) {
      const whole = expectStatus(await people[role].get(`${path}?count=true`), 200);
      expect([path, whole.data.map((row: any) => row.name ?? row.title).sort()]).toEqual([path, names.sort()]);
      expect([path, whole.meta.total]).toEqual([path, names.length]);
      const { forwards, backwards } = await walk(people[role], path);
      expect(forwards).toEqual(whole.data);
      expect(backwards).toEqual(whole.data);
    }
  });

  it.each(['manager', 'member', 'viewer', 'guest'] as const)(
    'finds nothing hidden for the %s, whatever the filter',
    async (role) => {
      const filters = [
        `projectId=${hidden.id}`,
        `projectId[in]=${hidden.id},${newId()}`,
        'title=hidden%20first',
        'tags=hidden',
      ];
      for (const filter of filters) {
        const path = `/tasks?count=true&${filter}`;
        expect(expectStatus(await people.owner.get(path), 200).meta.total).toBeGreaterThan(0);
        const { data, meta } = expectStatus(await people[role].get(path), 200);
        expect([filter, data, meta.total]).toEqual([filter, [], 0]);
      }
    },
  );

  it('does not go on where somebody who sees more had stopped', async () => {
    const { meta } = expectStatus(await people.owner.get('/tasks?limit=1'), 200);
    const answer = await people.member.get(`/tasks?limit=1&after=${meta.nextCursor}`);
    expect([answer.status, answer.error.code]).toEqual([400, 'invalid_cursor']);
  });

  it('of figures counts the tasks of its own project', async () => {
    for (const path of [`/projects/${seen.id}/metrics`, `/analytics/projects/${seen.id}/metrics`]) {
      expect(expectStatus(await people.manager.get(path), 200).data.tasks.total).toBe(3);
    }
  });
});

describe('a role in a project', () => {
  let acme: TestTenant;
  let vera: Person;
  /** She manages the first, is a viewer of the second, and has nothing to do with the third. */
  const projects = {} as Record<'managed' | 'viewed' | 'foreign', { id: string; task: string }>;
  beforeAll(async () => {
    acme = await signUp(app);
    vera = await acme.join('Vera', 'viewer');
    const members = { managed: [[vera, 'manager']], viewed: [[vera, 'viewer']], foreign: [] } as const;
    for (const [name, people] of Object.entries(members)) {
      const { id } = await acme.project(name, people as never);
      projects[name as keyof typeof projects] = { id, task: (await acme.task(id)).id };
    }
    // What somebody may do is known anew within a second.
    await eventually(async () => expectStatus(await vera.patch(`/projects/${projects.managed.id}`, {}), 200));
  });

  /** What she is answered to everything that a manager may do in a project. */
  async function attempts({ id, task }: { id: string; task: string }): Promise<Record<string, number>> {
    const person = (
      await acme.owner.post('/users', { email: `${newId()}@acme.test`, firstName: 'New', lastName: 'Comer' })
    ).data;
    const calls = {
      read: () => vera.get(`/projects/${id}`),
      change: () => vera.patch(`/projects/${id}`, { description: 'Changed' }),
      'add a member': () => vera.post(`/projects/${id}/members`, { userId: person.id }),
      'see the figures': () => vera.get(`/projects/${id}/metrics`),
      'make a task': () => vera.post('/tasks', { projectId: id, title: 'New' }),
      'read a task': () => vera.get(`/tasks/${task}`),
      'change a task': () => vera.patch(`/tasks/${task}`, { title: 'Changed' }),
      'move a task': () => vera.put(`/tasks/${task}/status`, { status: 'done' }),
      comment: () => vera.post(`/tasks/${task}/comments`, { body: 'New' }),
      'delete a task': () => vera.delete(`/tasks/${task}`),
      'delete it': () => vera.delete(`/projects/${id}`),
    };
    const answers: Record<string, number> = {};
    for (const [name, call] of Object.entries(calls)) answers[name] = (await call()).status;
    return answers;
  }

  it('gives a viewer of the organisation what it says, in that project alone', async () => {
    const everything = { read: 200, change: 200, 'add a member': 201, 'see the figures': 200, 'make a task': 201 };
    const onTasks = {
      'read a task': 200,
      'change a task': 200,
      'move a task': 200,
      comment: 201,
      'delete a task': 204,
    };
    expect(await attempts(projects.managed)).toEqual({ ...everything, ...onTasks, 'delete it': 403 });
    const refused = { change: 403, 'add a member': 403, 'see the figures': 403, 'make a task': 403 };
    const onOthers = { 'change a task': 403, 'move a task': 403, comment: 403, 'delete a task': 403, 'delete it': 403 };
    expect(await attempts(projects.viewed)).toEqual({ read: 200, 'read a task': 200, ...refused, ...onOthers });
    const unseen = Object.keys({ ...everything, ...onTasks }).map((name) => [name, 404]);
    expect(await attempts(projects.foreign)).toEqual({
      ...Object.fromEntries(unseen),
      'make a task': 400,
      'delete it': 403,
    });
  });

  it('reaches nothing of another project by moving a task there, or by what a task refers to', async () => {
    const { managed, viewed, foreign } = projects;
    const own = (await acme.task(managed.id)).id;
    const stranger = await acme.join('Sven', 'viewer');
    expectStatus(await acme.owner.post(`/projects/${viewed.id}/members`, { userId: stranger.id }), 201);
    const schema = await schemaOf(acme);
    const before = await stateOf(app.owner, [schema]);
    const codes: string[] = [];
    for (const change of [
      { projectId: viewed.id },
      { parentId: viewed.task },
      { parentId: foreign.task },
      { assigneeId: stranger.id },
      { reporterId: stranger.id },
    ]) {
      const answer = expectStatus(await vera.patch(`/tasks/${own}`, change), 400);
      codes.push(answer.error.details[0]!.code);
    }
    expect(codes).toEqual(['unknown_field', 'unknown_parent', 'unknown_parent', 'not_a_member', 'not_a_member']);
    const child = { projectId: managed.id, title: 'New', parentId: foreign.task };
    expect((await vera.post('/tasks', child)).error.details[0]!.code).toBe('unknown_parent');
    expect(changes(before, await stateOf(app.owner, [schema]))).toEqual([]);
  });

  it('does not outlive the membership by a request that was waiting while it ended', async () => {
    const { id } = await acme.project('left', [[vera, 'manager']]);
    const schema = await schemaOf(acme);
    const removal = [
      `SELECT id FROM "${schema}".projects WHERE id = '${id}' FOR UPDATE`,
      `DELETE FROM "${schema}".project_members WHERE project_id = '${id}' AND member_id = '${vera.id}'`,
    ];
    const [answer] = await heldBack(removal, 1, () => [vera.post(`/projects/${id}/members`, { userId: vera.id })]);
    expect([answer!.status, answer!.error?.code]).toEqual([404, 'project_not_found']);
  });

  it('ends with the membership, also for the reporter of a task', async () => {
    const mike = await acme.join('Mike', 'member');
    const { id } = await acme.project('left', [[mike, 'member']]);
    const task = expectStatus(await mike.post('/tasks', { projectId: id, title: 'Mine' }), 201).data.id;
    expectStatus(await mike.patch(`/tasks/${task}`, { title: 'Still mine' }), 200);
    expectStatus(await acme.owner.delete(`/projects/${id}/members/${mike.id}`), 204);
    expect((await mike.get(`/tasks/${task}`)).status).toBe(404);
    expect((await mike.patch(`/tasks/${task}`, { title: 'Mine again' })).status).toBe(404);
  });
});

describe('an owner', () => {
  const demote = (actor: Person, { id }: Person) => actor.put(`/users/${id}/roles`, { roles: ['member'] });
  const deactivate = (actor: Person, { id }: Person) => actor.patch(`/users/${id}`, { active: false });

  const ownersIn = async (schema: string) => {
    const { rows } = await app.owner.query<{ id: string }>(
      `SELECT u.id FROM "${schema}".users u JOIN "${schema}".roles r ON r.id = ANY (u.role_ids) WHERE u.active AND r.key = 'owner'`,
    );
    return rows.length;
  };

  const stepDown = (_: Person, other: Person) => demote(other, other);

  it.each([
    ['demote one another', demote, demote],
    ['deactivate one another', deactivate, deactivate],
    ['demote and deactivate one another', demote, deactivate],
    ['both step down', stepDown, stepDown],
  ])('remains when the last two %s at the same moment', async (_, first, second) => {
    const acme = await signUp(app);
    const oscar = await acme.join('Oscar', 'owner');
    const schema = await schemaOf(acme);
    // Writing waits, reading does not: each looks whether there is another owner before either has gone.
    const locks = [`LOCK TABLE "${schema}".users IN SHARE MODE`];
    const answers = await heldBack(locks, 2, () => [first(acme.owner, oscar), second(oscar, acme.owner)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409]);
    expect(answers.find((answer) => answer.status === 409)!.error.code).toBe('last_owner');
    expect(await ownersIn(schema)).toBe(1);
  });

  it.each([
    ['demote', demote],
    ['deactivate', deactivate],
  ])('who is made one while an administrator is about to %s them is out of reach', async (_, removal) => {
    const acme = await signUp(app);
    const [ada, mike] = [await acme.join('Ada', 'admin'), await acme.join('Mike', 'member')];
    const schema = await schemaOf(acme);
    const promotion = [
      `UPDATE "${schema}".users SET version = version + 1, role_ids = role_ids || (SELECT id FROM "${schema}".roles WHERE key = 'owner')
        WHERE id = '${mike.id}'`,
    ];
    const [answer] = await heldBack(promotion, 1, () => [removal(ada, mike)]);
    expect([answer!.status, answer!.error?.code]).toEqual([403, 'user_out_of_reach']);
    expect(await ownersIn(schema)).toBe(2);
  });
});
