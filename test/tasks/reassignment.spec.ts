import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { sqlOf } from '../support/sql.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

/** Somebody goes who has hundreds of tasks: what a few statements do to all of them is what one change does to one. */

interface Transaction {
  texts: string[];
  /** What the transaction announced, by the names of the events. */
  events: { name: string; payload: any }[];
}

/** Open tasks in three projects. */
const OPEN = [150, 3, 250];
/** Of each of these some in every project, which stay as they are. */
const STAYING = { done: 4, cancelled: 3, deleted: 2 };
/** Of one project, with its beginning, its end and the events; however many tasks there are. */
const MOST_STATEMENTS = 12;
/** `$5` tasks of a kind: open, done, cancelled or deleted; their titles begin with it. */
const ROWS = `INSERT INTO "@tenant".tasks (id, project_id, title, status, status_category, priority, assignee_id, reporter_id, tags,
    position, completed_at, deleted_at)
  SELECT gen_random_uuid(), $1::uuid, $4::text || ' ' || n, CASE $4 WHEN 'deleted' THEN 'todo' WHEN 'open' THEN 'todo' ELSE $4 END,
    CASE $4 WHEN 'deleted' THEN 'todo' WHEN 'open' THEN (ARRAY['todo', 'doing'])[1 + n % 2] ELSE $4 END, 'medium', $2::uuid, $3::uuid, '{}',
    'w' || right($2::uuid::text, 8) || $4 || lpad(n::text, 6, '0'), CASE $4 WHEN 'done' THEN now() END, CASE $4 WHEN 'deleted' THEN now() END
  FROM generate_series(1, $5::int) n`;

let app: TestApp;
let acme: TestTenant;
let sql: Awaited<ReturnType<typeof sqlOf>>;
/** Those that changed assignees, in the order of their commits. */
let transactions: Transaction[] = [];
const { query } = pg.Client.prototype;

beforeAll(async () => {
  const open = new WeakMap<pg.Client, Transaction>();
  pg.Client.prototype.query = function (this: pg.Client, ...args: any[]) {
    const text: string = typeof args[0] === 'string' ? args[0] : (args[0]?.text ?? '');
    const values: any[] = (Array.isArray(args[1]) ? args[1] : args[0]?.values) ?? [];
    if (text.startsWith('START TRANSACTION')) open.set(this, { texts: [], events: [] });
    const transaction = open.get(this);
    transaction?.texts.push(text);
    if (text.includes('INSERT INTO platform.outbox'))
      transaction?.events.push(
        ...values[3].map((name: string, i: number) => ({ name, payload: JSON.parse(values[4][i]) })),
      );
    if (text === 'COMMIT' && transaction) {
      if (transaction.events.some(({ name }) => name === 'task.assigned')) transactions.push(transaction);
      open.delete(this);
    }
    return (query as any).apply(this, args);
  } as typeof query;
  app = await startApp();
  acme = await signUp(app);
  sql = await sqlOf(app, acme);
});
afterAll(async () => {
  pg.Client.prototype.query = query;
  await app?.stop();
});

interface Work {
  leaver: Person;
  successor: Person;
  team: string;
  projects: string[];
}

/** Somebody who is in three projects through a team and has tasks in all of them, besides somebody else's. */
async function workOf(): Promise<Work> {
  const [leaver, successor] = [await acme.join('Lea', 'member'), await acme.join('Sue', 'member')];
  const team = expectStatus(await acme.owner.post('/teams', { name: `Team ${newId()}` }), 201).data.id;
  expectStatus(await acme.owner.post(`/teams/${team}/members`, { userId: leaver.id }), 201);
  const projects: string[] = [];
  for (const open of OPEN) {
    const { id } = await acme.project('Of many tasks');
    expectStatus(await acme.owner.put(`/projects/${id}/teams/${team}`, { role: 'member' }), 200);
    for (const [kind, count] of Object.entries({ open, ...STAYING }))
      await sql(ROWS, id, leaver.id, acme.owner.id, kind, count);
    await sql(ROWS, id, acme.owner.id, acme.owner.id, 'open', 2);
    projects.push(id);
  }
  return { leaver, successor, team, projects };
}

const titles = (rows: { title: string }[]) => new Set(rows.map(({ title }) => title.split(' ')[0]));

/** What a change of the assignee leaves behind in the database. */
async function tracesOf(taskId: string) {
  const [task] = await sql('SELECT version, assignee_id, updated_at FROM "@tenant".tasks WHERE id = $1', taskId);
  const changes = await sql(
    `SELECT field, old_value, new_value, actor_id, project_id, at FROM "@tenant".history WHERE task_id = $1 AND field <> 'status'`,
    taskId,
  );
  return { task, changes };
}

describe('the tasks of somebody with hundreds of them', () => {
  it.each<[name: string, leave: (work: Work) => Promise<unknown>, isHandedOver: boolean]>([
    [
      'who is deactivated are nobody’s',
      async ({ leaver }) => expectStatus(await acme.owner.patch(`/users/${leaver.id}`, { active: false }), 200),
      false,
    ],
    [
      'who is deleted are their successor’s',
      async ({ leaver, successor }) =>
        expectStatus(await acme.owner.delete(`/users/${leaver.id}?reassignTo=${successor.id}`), 204),
      true,
    ],
    [
      'who leaves their team are nobody’s',
      async ({ leaver, team }) => expectStatus(await acme.owner.delete(`/teams/${team}/members/${leaver.id}`), 204),
      false,
    ],
  ])('%s, by a few statements a project, with the traces of a single change', async (_, leave, isHandedOver) => {
    const work = await workOf();
    const { leaver, successor, projects } = work;
    const assigneeId = isHandedOver ? successor.id : null;
    const before = await sql(
      'SELECT id, title, project_id, version, updated_at FROM "@tenant".tasks WHERE assignee_id = $1 ORDER BY id',
      leaver.id,
    );
    const open = before.filter(({ title }) => title.startsWith('open'));
    expect(open).toHaveLength(OPEN.reduce((sum, count) => sum + count));

    transactions = [];
    await leave(work);
    await eventually(async () => {
      const left = await sql('SELECT title FROM "@tenant".tasks WHERE assignee_id = $1', leaver.id);
      expect(titles(left)).toEqual(new Set(Object.keys(STAYING)));
      expect(transactions).toHaveLength(projects.length);
    });

    for (const { texts } of transactions) expect(texts.length).toBeLessThanOrEqual(MOST_STATEMENTS);
    expect(new Set(transactions.map(({ texts }) => texts.length)).size).toBe(1);
    const staying = await sql(
      'SELECT id, title, project_id, version, updated_at FROM "@tenant".tasks WHERE assignee_id = $1 ORDER BY id',
      leaver.id,
    );
    expect(staying).toEqual(before.filter(({ title }) => !title.startsWith('open')));

    const changed = await sql(
      `SELECT t.id, t.assignee_id, t.version, t.updated_at > $2 AS is_newer, t.updated_at = c.at AS is_at_once,
              c.project_id, c.field, c.old_value, c.new_value, c.actor_id
         FROM "@tenant".tasks t JOIN "@tenant".history c ON c.task_id = t.id WHERE t.id = ANY ($1) ORDER BY t.id`,
      open.map(({ id }) => id),
      before[0].updated_at,
    );
    expect(changed).toEqual(
      open.map(({ id, project_id, version }) => ({
        ...{ id, project_id, assignee_id: assigneeId, version: version + 1, is_newer: true, is_at_once: true },
        ...{ field: 'assigneeId', old_value: leaver.id, new_value: assigneeId, actor_id: null },
      })),
    );

    const announced = transactions.flatMap(({ events }) => events).filter(({ name }) => name.startsWith('task.'));
    const expected = open.flatMap(({ id: taskId, project_id: projectId }) => [
      { name: 'task.updated', payload: { taskId, projectId, fields: ['assigneeId'] } },
      { name: 'task.assigned', payload: { taskId, projectId, assigneeId, formerAssigneeId: leaver.id } },
    ]);
    const ordered = (events: typeof announced) => events.map((event) => JSON.stringify(event)).sort();
    expect(ordered(announced)).toEqual(ordered(expected));
  });

  it('leave what a change by hand leaves', async () => {
    const lea = await acme.join('Lea', 'member');
    const { id: projectId } = await acme.project('By hand', [[lea, 'member']]);
    const [byHand, taken] = [
      await acme.task(projectId, { assigneeId: lea.id }),
      await acme.task(projectId, { assigneeId: lea.id }),
    ];
    transactions = [];
    expectStatus(await acme.owner.put(`/tasks/${byHand.id}/assignee`, { assigneeId: null }), 200);
    expectStatus(await acme.owner.delete(`/projects/${projectId}/members/${lea.id}`), 204);
    await eventually(async () => expect((await tracesOf(taken.id)).task.assignee_id).toBeNull());
    const [one, other] = [await tracesOf(byHand.id), await tracesOf(taken.id)];
    const alike = ({ task, changes }: typeof one) => ({
      ...{ version: task.version, assignee: task.assignee_id },
      changes: changes.map(({ at, actor_id, ...change }) => ({ ...change, isAtOnce: +at === +task.updated_at })),
    });
    expect(alike(other)).toEqual(alike(one));
    expect([one, other].map(({ changes }) => changes.map(({ actor_id }) => actor_id))).toEqual([
      [acme.owner.id],
      [null],
    ]);
    const [first, second] = transactions.map(({ events }) => JSON.stringify(events));
    expect(second!.replaceAll(taken.id, byHand.id)).toBe(first);
  });

  it('are whose somebody else makes them at that moment', async () => {
    for (let round = 0; round < 4; round++) {
      const { leaver, successor, projects } = await workOf();
      const some = await sql(
        `SELECT id FROM "@tenant".tasks WHERE assignee_id = $1 AND title LIKE 'open%' AND project_id = $2 ORDER BY id DESC LIMIT 8`,
        leaver.id,
        projects[0],
      );
      const [gone, ...given] = await Promise.all([
        acme.owner.delete(`/users/${leaver.id}?reassignTo=${successor.id}`),
        ...some.map(({ id }) => acme.owner.put(`/tasks/${id}/assignee`, { assigneeId: acme.owner.id })),
      ]);
      expectStatus(gone, 204);
      for (const answer of given) expectStatus(answer, 200);
      await eventually(async () => {
        const left = await sql('SELECT title FROM "@tenant".tasks WHERE assignee_id = $1', leaver.id);
        expect(titles(left)).toEqual(new Set(Object.keys(STAYING)));
      });
      const now = await sql(
        `SELECT DISTINCT assignee_id FROM "@tenant".tasks WHERE id = ANY ($1)`,
        some.map(({ id }) => id),
      );
      expect(now).toEqual([{ assignee_id: acme.owner.id }]);
    }
  });

  it('of several people whose team was taken from a project take no more statements than those of one', async () => {
    const people = [
      await acme.join('Ann', 'member'),
      await acme.join('Ben', 'member'),
      await acme.join('Cid', 'member'),
    ];
    const staying = await acme.join('Dan', 'member');
    const sent: number[] = [];
    for (const leaving of [people.slice(0, 1), people]) {
      const team = expectStatus(await acme.owner.post('/teams', { name: `Team ${newId()}` }), 201).data.id;
      // By name as well, so that this one keeps what they have.
      const { id } = await acme.project('Of several', [[staying, 'member']]);
      expectStatus(await acme.owner.put(`/projects/${id}/teams/${team}`, { role: 'member' }), 200);
      for (const { id: userId } of [...leaving, staying]) {
        expectStatus(await acme.owner.post(`/teams/${team}/members`, { userId }), 201);
        await sql(ROWS, id, userId, acme.owner.id, 'open', 20);
      }
      transactions = [];
      expectStatus(await acme.owner.delete(`/projects/${id}/teams/${team}`), 204);
      await eventually(async () => {
        const left = await sql(
          'SELECT assignee_id AS id, count(*)::int AS tasks FROM "@tenant".tasks WHERE project_id = $1 GROUP BY 1 ORDER BY 1',
          id,
        );
        expect(left).toEqual([
          { id: staying.id, tasks: 20 },
          { id: null, tasks: 20 * leaving.length },
        ]);
        expect(transactions).toHaveLength(1);
      });
      const { texts, events } = transactions[0]!;
      const former = events.flatMap(({ payload }) => payload.formerAssigneeId ?? []);
      expect(new Set(former)).toEqual(new Set(leaving.map((person) => person.id)));
      expect(former).toHaveLength(20 * leaving.length);
      sent.push(texts.length);
    }
    expect(sent[1]).toBe(sent[0]);
  });
});
