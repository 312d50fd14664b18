import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let people: Person[];
let projectId: string;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  people = [acme.owner, await acme.join('Mia', 'manager'), await acme.join('Max', 'manager')];
  const members = people.slice(1).map((person): [Person, 'manager'] => [person, 'manager']);
  projectId = (await acme.project('Apollo', members)).id;
});
afterAll(() => app.stop());

describe('many who write to one task at the same moment', () => {
  it('all keep what they changed in fields of their own', async () => {
    const task = await acme.task(projectId);
    const changes = [
      { title: 'Renamed' },
      { description: 'Described' },
      { priority: 'urgent' },
      { startDate: '2026-03-01' },
      { dueDate: '2026-04-01' },
      { estimatedHours: 7.5 },
      { remainingHours: 3 },
      { status: 'in_review' },
      { tags: { add: ['one'] } },
      { tags: { add: ['two'] } },
    ];
    const answers = await Promise.all(
      changes.map((change, i) => people[i % people.length]!.patch(`/tasks/${task.id}`, change)),
    );
    for (const answer of answers) expectStatus(answer, 200);
    const { data } = await acme.owner.get(`/tasks/${task.id}`);
    expect(data).toMatchObject({ ...Object.assign({}, ...changes.slice(0, 8)), version: 11 });
    expect([...data.tags].sort()).toEqual(['one', 'two']);
    const { data: history } = await acme.owner.get(`/tasks/${task.id}/history?limit=100`);
    expect(history.map(({ field }: { field: string }) => field).sort()).toEqual(
      [
        'description',
        'dueDate',
        'estimatedHours',
        'priority',
        'remainingHours',
        'startDate',
        'status',
        'status',
        'tags',
        'tags',
        'title',
      ].sort(),
    );
  });

  it('are one of them right when all insist on the version that they read', async () => {
    const task = await acme.task(projectId);
    const answers = await Promise.all(
      Array.from({ length: 15 }, (_, i) =>
        people[i % people.length]!.patch(`/tasks/${task.id}`, { title: `Mine ${i}` }, { 'if-match': '"1"' }),
      ),
    );
    const right = answers.filter(({ status }) => status === 200);
    expect(right).toHaveLength(1);
    for (const { status, error } of answers.filter((answer) => answer.status !== 200))
      expect([status, error?.code]).toEqual([412, 'version_mismatch']);
    expect((await acme.owner.get(`/tasks/${task.id}`)).data).toMatchObject({ title: right[0]!.data.title, version: 2 });
  });
});
