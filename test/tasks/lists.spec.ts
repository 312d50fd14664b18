import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let projectId: string;
const PRIORITIES = ['low', 'medium', 'high', 'urgent'];
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  projectId = (await acme.project('Lists')).id;
  for (let i = 0; i < 23; i++) {
    await acme.task(projectId, {
      title: `Task ${String.fromCharCode(65 + (i % 5))}`,
      priority: PRIORITIES[i % 4],
      status: i % 3 === 0 ? 'done' : 'todo',
      ...(i % 4 === 0 ? {} : { dueDate: `2026-06-${String(1 + (i % 9)).padStart(2, '0')}` }),
      ...(i % 5 === 0 ? {} : { estimatedHours: (i % 7) + 0.5 }),
      tags: i % 2 === 0 ? ['even'] : ['odd', `n${i}`],
    });
  }
});
afterAll(() => app.stop());

const ids = (data: any[]): string[] => data.map((task) => task.id);

async function walk(query: string, limit: number): Promise<any[]> {
  const all: any[] = [];
  let cursor: string | null = null;
  do {
    const page: any = expectStatus(
      await acme.owner.get(`/tasks?${query}&limit=${limit}${cursor ? `&after=${cursor}` : ''}`),
      200,
    );
    all.push(...page.data);
    cursor = page.meta.nextCursor;
    expect(page.meta.hasMore).toBe(cursor !== null);
  } while (cursor);
  return all;
}

describe('a list', () => {
  it.each([
    'createdAt',
    '-createdAt',
    'title',
    '-title',
    'dueDate',
    '-dueDate',
    'priority,-dueDate',
    '-estimatedHours,title',
    'completedAt,-title',
    '-priority,dueDate,-title',
    'status',
  ])('sorted by %s gives every row once, whatever the size of its pages, forwards and backwards', async (sort) => {
    const whole = ids((await acme.owner.get(`/tasks?sort=${sort}&limit=100`)).data);
    expect(new Set(whole).size).toBe(23);
    for (const limit of [1, 4, 23]) expect(ids(await walk(`sort=${sort}`, limit))).toEqual(whole);
    let page = expectStatus(await acme.owner.get(`/tasks?sort=${sort}&limit=5`), 200);
    const pages = [ids(page.data)];
    while (page.meta.nextCursor) {
      page = expectStatus(await acme.owner.get(`/tasks?sort=${sort}&limit=5&after=${page.meta.nextCursor}`), 200);
      pages.push(ids(page.data));
    }
    for (const earlier of pages.slice(0, -1).reverse()) {
      page = expectStatus(await acme.owner.get(`/tasks?sort=${sort}&limit=5&before=${page.meta.prevCursor}`), 200);
      expect(ids(page.data)).toEqual(earlier);
    }
    expect(page.meta.prevCursor).toBeNull();
  });

  it('puts rows without a value last in either direction', async () => {
    for (const sort of ['dueDate', '-dueDate']) {
      const dates = (await acme.owner.get(`/tasks?sort=${sort}&limit=100`)).data.map((task: any) => task.dueDate);
      const known = dates.filter((date: string | null) => date !== null);
      expect(dates.slice(known.length).every((date: string | null) => date === null)).toBe(true);
      expect(known).toEqual([...known].sort((a, b) => (sort === 'dueDate' ? a.localeCompare(b) : b.localeCompare(a))));
    }
  });

  it('sorts priorities by urgency, not by the alphabet', async () => {
    const seen = (await acme.owner.get('/tasks?sort=-priority&limit=100')).data.map((task: any) => task.priority);
    expect([...new Set(seen)]).toEqual(['urgent', 'high', 'medium', 'low']);
  });

  it.each([
    ['status=done', 8],
    ['status=done,todo', 23],
    ['status[neq]=done', 15],
    ['status[nin]=done,todo', 0],
    ['statusCategory=todo&priority=low', 4],
    ['dueDate=null', 6],
    ['dueDate[neq]=null', 17],
    ['dueDate[gte]=2026-06-05', 8],
    ['dueDate[gt]=2026-06-02&dueDate[lte]=2026-06-05', 6],
    ['estimatedHours[lt]=2', 6],
    ['tags=even', 12],
    ['tags=n1,n3', 2],
    ['title=Task A', 5],
    ['assigneeId=null', 23],
    ['createdAt[gt]=2020-01-01T00:00:00Z', 23],
    ['createdAt[lt]=2020-01-01T00:00:00Z', 0],
  ])('filtered by %s counts %i', async (filter, expected) => {
    const { data, meta } = expectStatus(
      await acme.owner.get(
        `/tasks?${encodeURI(filter).replaceAll('[', '%5B').replaceAll(']', '%5D')}&limit=100&count=true`,
      ),
      200,
    );
    expect(data).toHaveLength(expected);
    expect(meta.total).toBe(expected);
  });

  it.each([
    ['colour=red', '?colour', 'unknown_parameter'],
    ['Status=done', '?Status', 'unknown_parameter'],
    ['__proto__=x', '?__proto__', 'unknown_parameter'],
    ['priority=finished', '?priority', 'choice'],
    ['dueDate[lt]=tomorrow', '?dueDate[lt]', 'day'],
    ['dueDate[lt]=2026-02-30', '?dueDate[lt]', 'day'],
    ['dueDate[like]=x', '?dueDate[like]', 'operator'],
    ['title[gt]=x', '?title[gt]', 'operator'],
    ['assigneeId=you', '?assigneeId', 'id'],
    ['estimatedHours[gt]=1e9', '?estimatedHours[gt]', 'number'],
    ['sort=colour', '?sort', 'sort'],
    ['sort=title,title', '?sort', 'sort'],
    ['sort=', '?sort', 'sort'],
    ['limit=0', '?limit', 'range'],
    ['limit=101', '?limit', 'range'],
    ['limit=ten', '?limit', 'range'],
    ['limit=1&limit=2', '?limit', 'repeated'],
    ['count=yes', '?count', 'boolean'],
    ['after=x&before=y', '?before', 'exclusive'],
    ['after=x', '?after', 'cursor'],
    [`after=${Buffer.from('["x","y"]').toString('base64url')}`, '?after', 'cursor'],
    ['title=%00', '?title', 'text'],
  ])('refuses ?%s with a pointer', async (query, pointer, code) => {
    const answer = await acme.owner.get(`/tasks?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.error.details).toContainEqual(expect.objectContaining({ pointer, code }));
  });

  it('refuses a cursor of another sort, another filter and another list', async () => {
    const { meta } = await acme.owner.get('/tasks?limit=2&sort=title');
    for (const other of [
      '/tasks?sort=-title',
      '/tasks?sort=title&status=done',
      `/projects/${projectId}/tasks?sort=title`,
    ]) {
      expect(await acme.owner.get(`${other}&limit=2&after=${meta.nextCursor}`)).toMatchObject({
        status: 400,
        error: { code: 'invalid_cursor' },
      });
    }
  });

  it('loses and repeats nothing that was there before, while others are added', async () => {
    const before = ids((await acme.owner.get('/tasks?sort=-createdAt&limit=100')).data);
    const first = await acme.owner.get('/tasks?sort=-createdAt&limit=10');
    await acme.task(projectId, { title: 'In between' });
    const rest = await acme.owner.get(`/tasks?sort=-createdAt&limit=100&after=${first.meta.nextCursor}`);
    expect([...ids(first.data), ...ids(rest.data)]).toEqual(before);
  });

  it('of a project holds its own tasks', async () => {
    const other = await acme.project('Elsewhere');
    const task = await acme.task(other.id);
    expect(ids((await acme.owner.get(`/projects/${other.id}/tasks`)).data)).toEqual([task.id]);
    expect((await acme.owner.get(`/projects/${other.id}/tasks?projectId=${projectId}`)).status).toBe(400);
  });
});
