import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type Person } from '../support/tenant.ts';

/** Nothing is heard here until the second one is started, so that what people do meanwhile comes first. */
let still: TestApp;
let worker: TestApp | null = null;
beforeAll(async () => {
  still = await startApp({ settings: { WORKER: 'false' } });
});
afterAll(async () => {
  await worker?.stop();
  await still.stop();
});

describe('a project of somebody who is deleted', () => {
  it('goes to whoever deleted them when the one who was named left before it arrived, or else to an owner', async () => {
    const globex = await signUp(still);
    const names = ['Hugo', 'Ines', 'Jan', 'Kim'];
    const [hugo, ines, jan, kim] = await Promise.all(names.map((name) => globex.join(name, 'manager')));
    const [boss, brief] = [await globex.join('Boss', 'owner'), await globex.join('Brief', 'owner')];
    const own = async (person: Person) => expectStatus(await person.post('/projects', { name: 'Kept' }), 201).data.id;
    const [ofHugo, ofKim] = [await own(hugo!), await own(kim!)];
    const shared = await globex.project('Of all', [[ines!, 'member']]);
    expectStatus(await boss.delete(`/users/${hugo!.id}?reassignTo=${ines!.id}`), 204);
    expectStatus(await globex.owner.patch(`/users/${ines!.id}`, { active: false }), 200);
    expectStatus(await brief.delete(`/users/${kim!.id}?reassignTo=${jan!.id}`), 204);
    expectStatus(await brief.delete(`/users/${jan!.id}`), 204);
    expectStatus(await globex.owner.patch(`/users/${brief.id}`, { active: false }), 200);
    worker = await startApp({ database: still.database });
    await eventually(async () => {
      for (const [id, heir] of [
        [ofHugo, boss.id],
        [ofKim, globex.owner.id],
      ]) {
        expect(expectStatus(await globex.owner.get(`/projects/${id}`), 200).data.ownerId).toBe(heir);
        const members = expectStatus(await globex.owner.get(`/projects/${id}/members`), 200).data;
        expect(members.map(({ userId, role }: any) => [userId, role])).toEqual([[heir, 'manager']]);
      }
    });
    expectStatus(await globex.owner.get(`/projects/${shared.id}/members/${ines!.id}`), 200);
  });
});
