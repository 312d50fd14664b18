import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
let projectId: string;
const DAY_MS = 86_400_000;
const day = (fromToday: number) => new Date(Date.now() + fromToday * DAY_MS).toISOString().slice(0, 10);

beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  mia = await acme.join('Mia', 'member');
  projectId = (await acme.project('Filters', [[mia, 'member']])).id;
  const tasks = [
    { title: 'Alpha 100%', priority: 'high', dueDate: day(-1), assigneeId: mia.id, tags: ['red', 'blue'] },
    { title: 'beta_1', priority: 'low', dueDate: day(5), tags: ['red'], description: 'Über alles' },
    { title: 'Gamma \\ delta', priority: 'urgent', assigneeId: acme.owner.id, tags: ['green'], estimatedHours: 4 },
    { title: 'Crème brûlée', priority: 'medium', dueDate: day(0), tags: [], estimatedHours: 2.5 },
    { title: 'betaX1', status: 'done', priority: 'low', tags: ['blue', 'green'] },
  ];
  for (const task of tasks) await acme.task(projectId, task);
});
afterAll(() => app.stop());

const [A, B, C, D, E] = ['Alpha 100%', 'beta_1', 'Gamma \\ delta', 'Crème brûlée', 'betaX1'];

async function titles(query: Record<string, string>, who: Person = acme.owner, path = '/tasks'): Promise<string[]> {
  const { data, meta } = expectStatus(
    await who.get(`${path}?${new URLSearchParams({ ...query, limit: '100', count: 'true' }).toString()}`),
    200,
  );
  expect(meta.total).toBe(data.length);
  return data.map((task: any) => task.title).sort();
}
const sorted = (expected: (string | undefined)[]) => [...expected].sort();

describe('an expression', () => {
  it.each([
    [{ or: [{ priority: 'urgent' }, { priority: { in: ['medium'] } }] }, [C, D]],
    [{ or: [{ status: 'done' }, { and: [{ dueDate: { lt: day(3) } }, { assigneeId: null }] }] }, [D, E]],
    [{ not: { priority: 'low' } }, [A, C, D]],
    [{ not: { dueDate: { lt: day(3) } } }, [B, C, E]],
    [{ not: { not: { dueDate: { gte: day(0) } } } }, [B, D]],
    [{ and: [{ tags: 'red' }, { not: { tags: 'blue' } }] }, [B]],
    [{ priority: 'low', status: 'todo' }, [B]],
    [{ estimatedHours: { gt: 2.5, lte: 4 } }, [C]],
    [{ or: [{ estimatedHours: 2.5 }, { tags: { all: ['blue', 'green'] } }] }, [D, E]],
    [{ assigneeId: { neq: null } }, [A, C]],
    [{ tags: { none: ['red', 'green'] } }, [D]],
    [{ tags: null }, [D]],
    [{ tags: { neq: null } }, [A, B, C, E]],
    [{ or: [{ title: { contains: '100%' } }, { title: { contains: '\\ D' } }] }, [A, C]],
    [{ not: { title: { contains: 'beta' } } }, [A, C, D]],
    [{ title: { contains: 'BETA_' } }, [B]],
    [{ description: { contains: 'uber' } }, [B]],
    [{ title: { contains: '\u0301' } }, []],
    [{ description: { contains: '\u0301' } }, []],
    [{ description: { neq: null } }, [B]],
  ])('%j finds what it says', async (filter, expected) => {
    expect(await titles({ filter: JSON.stringify(filter) })).toEqual(sorted(expected));
    const inProject = await titles({ filter: JSON.stringify(filter) }, acme.owner, `/projects/${projectId}/tasks`);
    expect(inProject).toEqual(sorted(expected));
  });

  it('is met besides the plain parameters and the words', async () => {
    const filter = JSON.stringify({ or: [{ priority: 'low' }, { priority: 'high' }] });
    expect(await titles({ filter, 'tags[all]': 'red,blue' })).toEqual([A]);
    expect(await titles({ filter, q: 'alpha' })).toEqual([A]);
    expect(await titles({ filter, statusCategory: 'done' })).toEqual([E]);
  });

  it.each([
    ['nonsense', '?filter', 'json'],
    ['[]', '?filter', 'object'],
    ['{}', '?filter', 'object'],
    ['null', '?filter', 'object'],
    ['{"colour":"red"}', '?filter/colour', 'unknown_field'],
    ['{"__proto__":"red"}', '?filter/__proto__', 'unknown_field'],
    ['{"or":{}}', '?filter/or', 'list'],
    ['{"or":[]}', '?filter/or', 'list'],
    ['{"or":[{"status":"todo"},{"priority":"finished"}]}', '?filter/or/1/priority', 'choice'],
    ['{"or":[{"status":"todo"},{"priority":{"in":["low","x"]}}]}', '?filter/or/1/priority/in', 'choice'],
    ['{"and":[{"not":{"dueDate":{"lt":"soon"}}}]}', '?filter/and/0/not/dueDate/lt', 'day'],
    ['{"dueDate":{"like":"x"}}', '?filter/dueDate/like', 'operator'],
    ['{"title":{"gt":"x"}}', '?filter/title/gt', 'operator'],
    ['{"a/b~c":1}', '?filter/a~1b~0c', 'unknown_field'],
    ['{"priority":["low"]}', '?filter/priority', 'single_value'],
    ['{"priority":{"in":[]}}', '?filter/priority/in', 'values'],
    ['{"priority":null}', '?filter/priority', 'choice'],
    ['{"priority":{}}', '?filter/priority', 'object'],
    ['{"estimatedHours":"4"}', '?filter/estimatedHours', 'number'],
    ['{"estimatedHours":1e99}', '?filter/estimatedHours', 'number'],
    ['{"assigneeId":{"in":[null]}}', '?filter/assigneeId/in', 'id'],
    ['{"title":{"contains":""}}', '?filter/title/contains', 'text'],
    ['{"title":{"contains":["a","b"]}}', '?filter/title/contains', 'single_value'],
    ['{"title":{"contains":"a\\u0000"}}', '?filter/title/contains', 'text'],
    [JSON.stringify({ or: Array.from({ length: 51 }, () => ({ status: 'x' })) }), '?filter', 'too_many'],
    [JSON.stringify({ or: Array.from({ length: 6 }, () => ({ title: { contains: 'x' } })) }), '?filter', 'too_many'],
    [`${'{"not":'.repeat(6)}{"status":"x"}${'}'.repeat(6)}`, '?filter/not/not/not/not/not', 'depth'],
    [JSON.stringify({ title: 'x'.repeat(4000) }), '?filter', 'size'],
  ])('%s is refused where it is wrong', async (filter, pointer, code) => {
    const answer = await acme.owner.get(`/tasks?${new URLSearchParams({ filter }).toString()}`);
    expect(expectStatus(answer, 400).error.code).toBe('invalid_query');
    expect(answer.error.details).toMatchObject([{ pointer, code }]);
  });

  it('binds the cursor', async () => {
    const page = (filter: object, more = '') =>
      acme.owner.get(`/tasks?limit=2&filter=${encodeURIComponent(JSON.stringify(filter))}${more}`);
    const { nextCursor } = expectStatus(await page({ priority: { neq: 'urgent' } }), 200).meta;
    expectStatus(await page({ priority: { neq: 'urgent' } }, `&after=${nextCursor}`), 200);
    const other = expectStatus(await page({ priority: { neq: 'low' } }, `&after=${nextCursor}`), 400);
    expect(other.error.code).toBe('invalid_cursor');
  });

  it('shows nobody more than they may see', async () => {
    const secret = await acme.project('Secret');
    await acme.task(secret.id, { title: 'Hidden' });
    const anything = { or: [{ title: 'Hidden' }, { not: { title: 'Hidden' } }, { projectId: secret.id }] };
    expect(await titles({ filter: JSON.stringify(anything) }, mia)).toEqual(sorted([A, B, C, D, E]));
    await acme.owner.delete(`/projects/${secret.id}`);
  });
});

describe('a plain parameter', () => {
  it.each([
    [{ 'title[contains]': 'eTa' }, [B, E]],
    [{ 'title[contains]': 'creme BRULEE' }, [D]],
    [{ 'title[contains]': 'a, b' }, []],
    [{ 'tags[all]': 'red,blue' }, [A]],
    [{ 'tags[none]': 'red' }, [C, D, E]],
    [{ tags: 'null' }, [D]],
    [{ tags: 'red,green' }, [A, B, C, E]],
    [{ dueDate: 'today' }, [D]],
    [{ 'dueDate[lt]': 'today' }, [A]],
    [{ 'dueDate[gt]': 'today-2', 'dueDate[lte]': 'today+5' }, [A, B, D]],
  ])('%j finds what it says', async (query, expected) => {
    expect(await titles(query as Record<string, string>)).toEqual(sorted(expected));
  });

  it('takes me for whoever asks', async () => {
    expect(await titles({ assigneeId: 'me' })).toEqual([C]);
    expect(await titles({ assigneeId: 'me' }, mia)).toEqual([A]);
    expect(await titles({ filter: '{"not":{"assigneeId":"me"}}' }, mia)).toEqual(sorted([B, C, D, E]));
    expect(await titles({ 'assigneeId[neq]': 'me' }, mia)).toEqual(sorted([B, C, D, E]));
  });
});

describe('every list', () => {
  it('takes expressions over what it can be filtered by', async () => {
    const { owner } = acme;
    const ask = async (path: string, filter: object) =>
      expectStatus(await owner.get(`${path}?count=true&filter=${encodeURIComponent(JSON.stringify(filter))}`), 200).meta
        .total;
    expect(await ask('/projects', { or: [{ name: { contains: 'filt' } }, { ownerId: mia.id }] })).toBe(1);
    expect(await ask('/projects', { budgetAmount: null, ownerId: 'me' })).toBe(1);
    expect(await ask('/users', { or: [{ email: mia.email.toUpperCase() }, { active: false }] })).toBe(1);
    expect(await ask('/users', { not: { email: { in: [mia.email.toUpperCase()] } } })).toBe(1);
    expectStatus(await owner.post(`/projects/${projectId}/milestones`, { name: 'Öffnung', dueDate: day(9) }), 201);
    expect(await ask(`/projects/${projectId}/milestones`, { name: { contains: 'offn' }, tasks: 0 })).toBe(1);
    const task = await acme.task(projectId, { title: 'Talk', status: 'done' });
    for (const body of ['First', 'Second']) expectStatus(await owner.post(`/tasks/${task.id}/comments`, { body }), 201);
    expect(await ask(`/tasks/${task.id}/comments`, { or: [{ body: { contains: 'sec' } }, { authorId: mia.id }] })).toBe(
      1,
    );
    expect(await ask(`/tasks/${task.id}/comments`, { replyCount: 0, parentId: null, authorId: 'me' })).toBe(2);
    expectStatus(await owner.delete(`/tasks/${task.id}`), 204);
  });

  it('of those with more than a few fields is sorted by each that it says, in pages that miss nothing', async () => {
    const document = (await acme.owner.get('/api/openapi.json')).body ?? {};
    const lists = { '/tasks': 5, '/projects': 1, [`/projects/${projectId}/milestones`]: 1 };
    let asked = 0;
    for (const [path, rows] of Object.entries(lists)) {
      const known = `/api/v1${path.replace(projectId, '{id}')}`;
      const parameters: any[] = document.paths[known].get.parameters;
      const sorts = parameters
        .find(({ name }) => name === 'sort')
        .description.split(': ')[1]
        .split(', ');
      for (const sort of sorts) {
        const seen = new Set<string>();
        let after = '';
        do {
          const page = expectStatus(await acme.owner.get(`${path}?sort=-${sort}&limit=2${after}`), 200);
          page.data.forEach((each: any) => seen.add(each.id));
          after = page.meta.nextCursor ? `&after=${page.meta.nextCursor}` : '';
        } while (after);
        expect([sort, seen.size]).toEqual([sort, rows]);
        asked += 1;
      }
    }
    expect(asked).toBeGreaterThan(35);
  });
});
