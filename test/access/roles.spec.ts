import { afterAll, describe, expect, it } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { routesOf } from '../isolation/routes.ts';
import { changes, stateOf } from '../isolation/state.ts';
import { startApp } from '../support/app.ts';
import { expectStatus, type Answer, type Client } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type Person, type RoleKey, type TestTenant } from '../support/tenant.ts';
import { MATRIX, ROLES, type Place, type Row } from './matrix.ts';

// No worker, so that what a refused call has not changed, nobody else has.
const app = await startApp({ settings: { WORKER: 'false' } });
const { routes } = routesOf(app);
const { acme, founder, people } = await settle();
afterAll(() => app.stop());

/** An organisation with one person of each role, besides its founder, who makes whatever they act on. */
async function settle(): Promise<{ acme: TestTenant; founder: Person; people: Record<RoleKey, Person> }> {
  const tenant = await signUp(app);
  const names = { owner: 'Oscar', admin: 'Ada', manager: 'Mary', member: 'Mike', viewer: 'Vera' };
  const joined = await Promise.all(ROLES.map(async (role) => [role, await tenant.join(names[role], role)] as const));
  return { acme: tenant, founder: tenant.owner, people: Object.fromEntries(joined) as Record<RoleKey, Person> };
}

async function schemaOf({ id }: TestTenant): Promise<string> {
  const { rows } = await app.owner.query<{ schema_name: string }>('SELECT schema_name FROM public.tenants WHERE id = $1', [id]);
  return rows[0]!.schema_name;
}

describe('the matrix of routes and roles', () => {
  it('has a row for every route that asks for a permission, and no other', () => {
    const asking = routes.filter((route) => route.access?.kind === 'requires');
    const names = asking.map(({ method, path }) => `${method} ${path.replace('/api/v1', '')}`);
    expect([...new Set(MATRIX.map((row) => row.route))].sort()).toEqual(names.sort());
    expect(names.length).toBeGreaterThan(25);
  });

  it.each(MATRIX.map((row) => [row.route, row.variant, row] as const))('is kept by %s %s', async (_, __, row) => {
    const schema = await schemaOf(acme);
    const wrong: string[] = [];
    for (const { role, place, status } of row.cells) {
      const call = await callOf(row, people[role], place);
      const before = await stateOf(app.owner, [schema]);
      const answer = await send(people[role], call);
      const cell = `${role}, ${place}`;
      if (answer.status !== status) wrong.push(`${cell}: ${answer.status} instead of ${status} ${JSON.stringify(answer.body)}`);
      if (answer.status < 400) continue;
      if (JSON.stringify(answer.body).includes('classified')) wrong.push(`${cell}: the refusal tells what was refused`);
      const changed = changes(before, await stateOf(app.owner, [schema]));
      wrong.push(...changed.map((what) => `${cell}: refused, and changed ${what}`));
    }
    expect(wrong).toEqual([]);
  });
});

interface Call {
  method: string;
  path: string;
  body?: object;
}

function send(client: Client, { method, path, body }: Call): Promise<Answer> {
  return client.call(method, path, { body });
}

/** The call on a record of its own, made for it by the founder. */
async function callOf({ route, variant }: Row, actor: Person, place: Place): Promise<Call> {
  const [method, pattern] = route.split(' ') as [string, string];
  const { ids, body } = await recordFor(pattern, method, variant, actor, place);
  return { method, path: pattern.replaceAll(/:(\w+)/g, (_, name: string) => ids[name]!), body };
}

async function recordFor(pattern: string, method: string, variant: string, actor: Person, place: Place): Promise<{ ids: Record<string, string>; body?: object }> {
  if (pattern.startsWith('/users')) return personFor(method, variant);
  if (pattern === '/projects') return { ids: {}, body: method === 'POST' ? { name: 'New' } : undefined };
  if (method === 'GET' && !pattern.includes(':')) return { ids: {} };
  const project = await acme.project('classified', place === 'out' ? [] : [[actor, 'viewer']]);
  if (pattern === '/tasks') return { ids: {}, body: { projectId: project.id, title: 'New' } };
  if (pattern.includes('projects/')) return projectCall(pattern, method, project.id);
  const task = await acme.task(project.id, { title: 'classified', ...(place === 'own' ? { assigneeId: actor.id } : {}) });
  if (pattern.startsWith('/comments')) {
    const id = await commentOn(task.id, place === 'own' ? actor : founder);
    return { ids: { id }, body: method === 'PATCH' ? { body: 'Changed' } : undefined };
  }
  const bodies: Record<string, object> = {
    'PATCH /tasks/:id': { title: 'Changed' },
    'PUT /tasks/:id/assignee': { assigneeId: founder.id },
    'PUT /tasks/:id/status': { status: 'done' },
    'POST /tasks/:id/comments': { body: 'New' },
  };
  return { ids: { id: task.id }, body: bodies[`${method} ${pattern}`] };
}

async function projectCall(pattern: string, method: string, id: string): Promise<{ ids: Record<string, string>; body?: object }> {
  const ids = { id, userId: '' };
  if (pattern.includes('members') && method !== 'GET') {
    const newcomer = await person(['viewer']);
    if (method === 'POST') return { ids, body: { userId: newcomer } };
    expectStatus(await founder.post(`/projects/${id}/members`, { userId: newcomer }), 201);
    ids.userId = newcomer;
  }
  return { ids, body: method === 'PATCH' ? (ids.userId ? { role: 'manager' } : { description: 'Changed' }) : undefined };
}

async function personFor(method: string, variant: string): Promise<{ ids: Record<string, string>; body?: object }> {
  const made = /made (\w+)/.exec(variant)?.[1];
  const target = /an (owner|admin)/.exec(variant)?.[1];
  if (method === 'POST') return { ids: {}, body: { ...someone(), roles: [made ?? 'member'] } };
  const id = await person([target ?? 'member']);
  if (method === 'PUT') return { ids: { id }, body: { roles: [made ?? 'viewer'] } };
  const change = variant.startsWith('off') ? { active: false } : { firstName: 'Changed' };
  return { ids: { id }, body: method === 'PATCH' ? change : undefined };
}

const someone = () => ({ email: `${newId()}@acme.test`, firstName: 'classified', lastName: 'Newcomer' });

async function person(roles: string[]): Promise<string> {
  return expectStatus(await founder.post('/users', { ...someone(), roles }), 201).data.id;
}

/** Past the API, because a viewer who has written a comment was something else before. */
async function commentOn(taskId: string, author: Person): Promise<string> {
  const id = newId();
  const sql = `INSERT INTO "${await schemaOf(acme)}".comments (id, task_id, author_id, body) VALUES ($1, $2, $3, 'classified')`;
  await app.owner.query(sql, [id, taskId, author.id]);
  return id;
}

describe('a list', () => {
  const setUp = async () => {
    const globex = await signUp(app);
    const seen = await globex.project('Seen');
    const hidden = await globex.project('Hidden');
    const joined = {} as Record<RoleKey, Person>;
    for (const role of ROLES) {
      joined[role] = await globex.join('Somebody', role);
      expectStatus(await globex.owner.post(`/projects/${seen.id}/members`, { userId: joined[role].id, role: 'viewer' }), 201);
    }
    const titles = (name: string) => ['first', 'second', 'third'].map((count) => `${name} ${count}`);
    const tasks: { id: string; title: string }[] = [];
    // Taking turns, so that a page of those who see everything holds both.
    for (const [i, title] of titles('seen').entries()) {
      tasks.push((await globex.task(seen.id, { title })) as never);
      tasks.push((await globex.task(hidden.id, { title: titles('hidden')[i], parentId: undefined })) as never);
    }
    return { globex, seen, hidden, joined, tasks };
  };
  const world = setUp();

  const pages = async (client: Client, path: string, direction: 'after' | 'before'): Promise<any[]> => {
    const rows: any[] = [];
    let cursor = '';
    if (direction === 'before') {
      const first = expectStatus(await client.get(`${path}&limit=100&sort=createdAt`), 200);
      const last = expectStatus(await client.get(`${path}&limit=${Math.max(1, first.data.length - 1)}&sort=createdAt`), 200);
      if (!last.meta.nextCursor) return first.data;
      const end = expectStatus(await client.get(`${path}&limit=1&sort=createdAt&after=${last.meta.nextCursor}`), 200);
      rows.push(...end.data);
      cursor = `&before=${end.meta.prevCursor}`;
    }
    for (;;) {
      const page = expectStatus(await client.get(`${path}&limit=1&sort=createdAt${cursor}`), 200);
      rows.push(...page.data);
      const next = direction === 'after' ? page.meta.nextCursor : page.meta.prevCursor;
      if (!next) return rows;
      cursor = `&${direction}=${next}`;
    }
  };

  it.each([
    ['owner', 2, 6],
    ['admin', 2, 6],
    ['manager', 2, 3],
    ['member', 1, 3],
    ['viewer', 1, 3],
  ] as const)('shows and counts for the %s what they may see, forwards and backwards', async (role, projects, tasks) => {
    const { joined } = await world;
    for (const [path, size] of [['/projects?count=true', projects], ['/tasks?count=true', tasks]] as const) {
      const whole = expectStatus(await joined[role].get(`${path}`), 200);
      expect([path, whole.data.length, whole.meta.total]).toEqual([path, size, size]);
      const ids = whole.data.map((row: any) => row.id as string).sort();
      for (const direction of ['after', 'before'] as const) {
        const rows = await pages(joined[role], path, direction);
        expect(rows.map((row) => row.id).sort()).toEqual(ids);
      }
      if (size === 3) expect(whole.data.every((row: any) => row.title.startsWith('seen'))).toBe(true);
    }
  });

  it.each(['manager', 'member', 'viewer'] as const)('finds nothing hidden for the %s by any filter', async (role) => {
    const { globex, hidden, joined } = await world;
    const founderSees = async (query: string) => expectStatus(await globex.owner.get(`/tasks?count=true&${query}`), 200).meta.total;
    for (const query of [`projectId=${hidden.id}`, 'title=hidden%20first', `projectId[in]=${hidden.id},${newId()}`]) {
      expect(await founderSees(query)).toBeGreaterThan(0);
      const found = expectStatus(await joined[role].get(`/tasks?count=true&${query}`), 200);
      expect([query, found.data, found.meta.total]).toEqual([query, [], 0]);
    }
  });

  it('does not go on where somebody who sees more had stopped', async () => {
    const { joined } = await world;
    const { meta } = expectStatus(await joined.owner.get('/tasks?limit=1'), 200);
    const answer = await joined.member.get(`/tasks?limit=1&after=${meta.nextCursor}`);
    expect([answer.status, answer.error.code]).toEqual([400, 'invalid_cursor']);
  });

  it('and the figures of a project know of no other', async () => {
    const { joined, seen, hidden } = await world;
    for (const path of [`/projects/${seen.id}/metrics`, `/analytics/projects/${seen.id}/metrics`]) {
      expect(expectStatus(await joined.manager.get(path), 200).data.tasks.total).toBe(3);
    }
    expect((await joined.manager.get(`/projects/${hidden.id}/metrics`)).status).toBe(403);
  });
});
