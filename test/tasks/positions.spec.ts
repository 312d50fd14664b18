import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
let projectId: string;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  mia = await acme.join('Mia', 'manager');
});
afterAll(() => app.stop());

async function tasks(count: number): Promise<string[]> {
  projectId = (await acme.project('Apollo', [[mia, 'manager']])).id;
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) ids.push((await acme.task(projectId, { title: `Task ${i}` })).id);
  return ids;
}

async function order(): Promise<string[]> {
  const { data } = expectStatus(await acme.owner.get(`/projects/${projectId}/tasks?sort=position&limit=100`), 200);
  return data.map(({ id }: { id: string }) => id);
}

const drag = (who: Person, id: string, place: object) => who.put(`/tasks/${id}/position`, place);

describe('the order of tasks', () => {
  it('is that of their creation until somebody drags one', async () => {
    const [a, b, c, d] = (await tasks(4)) as [string, string, string, string];
    expect(await order()).toEqual([a, b, c, d]);
    expectStatus(await drag(mia, d, { afterId: a }), 200);
    expect(await order()).toEqual([a, d, b, c]);
    expectStatus(await drag(mia, a, { beforeId: c }), 200);
    expect(await order()).toEqual([d, b, a, c]);
    expectStatus(await drag(mia, c, { afterId: null }), 200);
    expect(await order()).toEqual([c, d, b, a]);
    expectStatus(await drag(mia, c, { beforeId: null }), 200);
    expect(await order()).toEqual([d, b, a, c]);
    const last = await acme.task(projectId);
    expect(await order()).toEqual([d, b, a, c, last.id]);
  });

  it('changes together with the status, and dragging it to where it is changes nothing', async () => {
    const [a, b] = (await tasks(2)) as [string, string];
    const moved = expectStatus(await drag(mia, a, { afterId: b, status: 'in_progress' }), 200).data;
    expect(moved).toMatchObject({ status: 'in_progress', statusCategory: 'doing' });
    expect(expectStatus(await drag(mia, a, { afterId: b, status: 'in_progress' }), 200).data).toEqual(moved);
  });

  it('knows other tasks of the project alone as neighbours, and wants one', async () => {
    const [elsewhere] = (await tasks(1)) as [string];
    const [a] = (await tasks(1)) as [string];
    for (const id of [elsewhere, a])
      expect(await drag(mia, a, { afterId: id })).toMatchObject({
        status: 400,
        error: { details: [{ pointer: '/afterId', code: 'unknown_neighbour' }] },
      });
    expect((await drag(mia, a, { beforeId: elsewhere })).status).toBe(400);
    expect(await drag(mia, a, {})).toMatchObject({ status: 400, error: { details: [{ code: 'place_missing' }] } });
  });

  it('survives many who drag at the same moment: every task keeps a place of its own, beside its neighbour', async () => {
    const ids = await tasks(24);
    const [anchor, ...others] = ids as [string, ...string[]];
    const answers = await Promise.all(
      others.map((id, i) => drag(i % 2 === 0 ? mia : acme.owner, id, { afterId: anchor })),
    );
    for (const answer of answers) expectStatus(answer, 200);
    const places = answers.map(({ data }) => data.position);
    expect(new Set(places).size).toBe(others.length);
    const after = await order();
    expect(after[0]).toBe(anchor);
    expect([...after].sort()).toEqual([...ids].sort());
    // Each went directly behind the anchor: the later it was dragged, the nearer it stands.
    const byPlace = answers.map(({ data }) => data).sort((x, y) => (x.position < y.position ? -1 : 1));
    expect(after.slice(1)).toEqual(byPlace.map(({ id }) => id));
  });

  it('stays short: after hundreds of drags to one spot all tasks are given new places in the same order', async () => {
    const [a, b, c] = (await tasks(3)) as [string, string, string];
    // Always between a and the one that was put there before.
    for (let i = 0; i < 250; i += 1) {
      expectStatus(await drag(mia, i % 2 === 0 ? b : c, { afterId: a }), 200);
    }
    const listed = expectStatus(await acme.owner.get(`/projects/${projectId}/tasks?sort=position`), 200).data;
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([a, c, b]);
    for (const { position } of listed) expect(position.length).toBeLessThanOrEqual(100);
  });
});
