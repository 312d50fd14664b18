import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { sqlOf } from '../support/sql.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let projectId: string;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  projectId = (await acme.project('Apollo')).id;
});
afterAll(() => app.stop());

const tasks = (...titles: string[]) => Promise.all(titles.map((title) => acme.task(projectId, { title })));
const add = (task: { id: string }, on: { id: string }, type = 'finish_to_start') =>
  acme.owner.post(`/tasks/${task.id}/dependencies`, { dependsOnTaskId: on.id, type });

describe('a cycle of dependencies', () => {
  it('is refused with its path', async () => {
    const [a, b, c] = await tasks('A', 'B', 'C');
    expectStatus(await add(b!, a!), 201);
    expectStatus(await add(c!, b!, 'start_to_start'), 201);
    const answer = await add(a!, c!);
    const [nameA, nameB, nameC] = [a!, b!, c!].map(({ title, id }) => `"${String(title)}" (${id})`);
    expect(answer).toMatchObject({
      status: 409,
      error: {
        code: 'dependency_cycle',
        message: `The task would wait for itself: ${nameA} waits for ${nameC} waits for ${nameB} waits for ${nameA}.`,
        details: [
          { pointer: '/dependsOnTaskId', code: 'dependency_cycle', message: `${nameA} waits for ${nameC}.` },
          { message: `${nameC} waits for ${nameB}.` },
          { message: `${nameB} waits for ${nameA}.` },
        ],
      },
    });
    expect((await acme.owner.get(`/tasks/${a!.id}/dependencies?direction=blocked_by`)).data).toEqual([]);
  });

  it('is a task that waits for itself', async () => {
    const [a] = await tasks('Alone');
    expect(await add(a!, a!)).toMatchObject({ status: 409, error: { code: 'dependency_cycle' } });
  });

  it('is one over a deleted task as well, which is not named and could be restored', async () => {
    const [a, b, c] = await tasks('A', 'Gone', 'C');
    expectStatus(await add(b!, a!), 201);
    expectStatus(await add(c!, b!), 201);
    expectStatus(await acme.owner.delete(`/tasks/${b!.id}`), 204);
    expect((await acme.owner.get(`/tasks/${c!.id}/dependencies`)).data).toEqual([]);
    const answer = await add(a!, c!);
    expect(answer).toMatchObject({ status: 409, error: { code: 'dependency_cycle' } });
    expect(JSON.stringify(answer.body)).not.toContain('Gone');
    expectStatus(await acme.owner.post(`/tasks/${b!.id}/restoration`), 200);
    const [entry] = (await acme.owner.get(`/tasks/${c!.id}/dependencies`)).data;
    expect(entry.task.title).toBe('Gone');
  });

  it('of many tasks is told in short', async () => {
    const chain = await tasks(...Array.from({ length: 30 }, (_, i) => `Link ${i}`));
    for (const [i, task] of chain.entries()) if (i > 0) expectStatus(await add(task, chain[i - 1]!), 201);
    const { error } = await add(chain[0]!, chain[29]!);
    expect(error.code).toBe('dependency_cycle');
    expect(error.details).toHaveLength(30);
    expect(error.message).toContain(' waits for 19 more waits for ');
  });

  it('of two tasks is never made, whichever of them is first to wait for the other', async () => {
    for (let round = 0; round < 3; round++) {
      const [a, b] = await tasks('Chicken', 'Egg');
      const [here, there] = [() => add(a!, b!), () => add(b!, a!)];
      const answers = await Promise.all([here, there, here, there, there, here].map((attempt) => attempt()));
      const codes = answers.map((answer) => (answer.status === 201 ? 'made' : answer.error.code));
      expect(codes.sort()).toEqual([
        ...Array.from({ length: 3 }, () => 'dependency_cycle'),
        ...['dependency_exists', 'dependency_exists', 'made'],
      ]);
      expect((await acme.owner.get(`/tasks/${a!.id}/dependencies`)).data).toHaveLength(1);
    }
  });

  it('does not come about when everybody adds a part of it at once', async () => {
    const ring = await tasks(...Array.from({ length: 10 }, (_, i) => `Ring ${i}`));
    // Each of the ten links five times: all but the one that would close the ring is made once.
    const links = Array.from({ length: 50 }, (_, i) => [ring[i % 10]!, ring[(i + 1) % 10]!] as const);
    const answers = await Promise.all(links.map(([task, on]) => add(task, on)));
    const codes = answers.map((answer) => (answer.status === 201 ? 'made' : answer.error.code));
    expect(new Set(codes)).toEqual(new Set(['made', 'dependency_exists', 'dependency_cycle']));
    expect(codes.filter((code) => code === 'made')).toHaveLength(9);
    const sql = await sqlOf(app, acme);
    const [{ cycles }] = await sql(
      `WITH RECURSIVE way AS (
         SELECT task_id AS first, depends_on_task_id AS id FROM "@tenant".task_dependencies WHERE task_id = ANY ($1)
         UNION SELECT way.first, d.depends_on_task_id FROM way JOIN "@tenant".task_dependencies d ON d.task_id = way.id)
       SELECT count(*)::int AS cycles FROM way WHERE first = id`,
      ring.map(({ id }) => id),
    );
    expect(cycles).toBe(0);
  });
});
