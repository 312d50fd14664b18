import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { sqlOf } from '../support/sql.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let projectId: string;
let sql: Awaited<ReturnType<typeof sqlOf>>;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  projectId = (await acme.project('Apollo')).id;
  sql = await sqlOf(app, acme);
});
afterAll(() => app.stop());

const SORTS = ['createdAt', 'dueDate', 'priority', 'title', 'estimatedHours', 'status', 'position'];
const FILTERS = ['', '&statusCategory=todo,doing', '&dueDate[lt]=2026-06-15', '&priority[neq]=low'];

/** Many with the same values, and some without: where an order has ties, pages are lost most easily. */
async function fill(count: number): Promise<string[]> {
  const operations = Array.from({ length: count }, (_, i) => ({
    action: 'create',
    task: {
      projectId,
      title: `Task ${i % 5}`,
      priority: ['low', 'medium', 'high'][i % 3],
      status: ['todo', 'in_progress', 'done'][i % 3],
      dueDate: i % 4 === 0 ? null : `2026-06-${10 + (i % 7)}`,
      estimatedHours: i % 3 === 0 ? null : i % 4,
    },
  }));
  const { data } = expectStatus(await acme.owner.post('/tasks/bulk', { operations }), 200);
  return data.results.map(({ id }: { id: string }) => id);
}

describe('pages', () => {
  it('neither repeat nor lose a row that nobody changed meanwhile, forwards and backwards', async () => {
    const order = fc.uniqueArray(fc.tuple(fc.constantFrom(...SORTS), fc.boolean()), {
      minLength: 1,
      maxLength: 3,
      selector: ([field]) => field,
    });
    await fc.assert(
      fc.asyncProperty(
        order,
        fc.constantFrom(...FILTERS),
        fc.integer({ min: 1, max: 9 }),
        async (keys, filter, limit) => {
          await sql('DELETE FROM "@tenant".tasks');
          const ids = await fill(30);
          const sort = keys.map(([field, descending]) => (descending ? '-' : '') + field).join(',');
          const path = `/projects/${projectId}/tasks?sort=${sort}${filter}`
            .replaceAll('[', '%5B')
            .replaceAll(']', '%5D');
          const whole: string[] = idsOf(expectStatus(await acme.owner.get(`${path}&limit=100`), 200));
          // Some of those who are further on are changed, deleted, or joined by others while pages are read.
          const touched = new Set(ids.filter((_, i) => i % 7 === 3));
          const seen: string[] = [];
          let [next, last]: [string | null, string | null] = [null, null];
          for (let page = 0; page === 0 || next; page += 1) {
            const answer: any = expectStatus(
              await acme.owner.get(`${path}&limit=${limit}${next ? `&after=${next}` : ''}`),
              200,
            );
            seen.push(...idsOf(answer));
            next = answer.body.meta.nextCursor;
            last = answer.body.meta.prevCursor ?? last;
            if (page === 0) await disturb([...touched]);
          }
          expect(untouched(seen, touched, ids)).toEqual(untouched(whole, touched, ids));
          if (!last) return;
          const back: string[] = [];
          for (let before: string | null = last; before;) {
            const answer: any = expectStatus(await acme.owner.get(`${path}&limit=${limit}&before=${before}`), 200);
            back.unshift(...idsOf(answer));
            before = answer.body.meta.prevCursor;
          }
          const passed = untouched(seen, touched, ids);
          expect(untouched(back, touched, ids)).toEqual(passed.slice(0, untouched(back, touched, ids).length));
        },
      ),
      { numRuns: 12 },
    );
  }, 120_000);
});

function idsOf({ data }: { data: { id: string }[] }): string[] {
  return data.map(({ id }) => id);
}

/** Of the rows that were there all the time as they are, in the order in which they came; each as often as it came. */
function untouched(listed: string[], touched: ReadonlySet<string>, ids: string[]): string[] {
  return listed.filter((id) => ids.includes(id) && !touched.has(id));
}

async function disturb(touched: string[]): Promise<void> {
  const operations = touched.map((id, i) =>
    i % 2 === 0
      ? { action: 'delete', id }
      : {
          action: 'update',
          id,
          task: { title: 'Changed', priority: 'urgent', dueDate: '2026-06-12', estimatedHours: 2 },
        },
  );
  expectStatus(await acme.owner.post('/tasks/bulk', { operations }), 200);
  await fill(5);
}
