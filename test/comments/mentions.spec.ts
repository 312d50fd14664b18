import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
let jo: Person;
let project: { id: string };
let task: { id: string };
beforeAll(async () => {
  // Without background work what is announced stays where it can be seen.
  app = await startApp({ settings: { WORKER: 'false' } });
});
afterAll(async () => app.stop());
beforeEach(async () => {
  acme = await signUp(app);
  [mia, jo] = [await acme.join('Mia', 'member'), await acme.join('Jo', 'member')];
  project = await acme.project('Website', [
    [mia, 'member'],
    [jo, 'viewer'],
  ]);
  task = await acme.task(project.id);
});

const at = ({ id }: { id: string }) => `@[Somebody](user:${id})`;
const write = async (body: string) => expectStatus(await mia.post(`/tasks/${task.id}/comments`, { body }), 201).data;
const idsIn = (comment: any) => comment.mentions.map((each: any) => each.userId);

async function announced(name: string): Promise<any[]> {
  const { rows } = await app.owner.query(
    `SELECT payload FROM platform.outbox o JOIN public.tenants t ON t.schema_name = o.tenant_schema
      WHERE t.id = $1 AND o.name = $2 ORDER BY o.id`,
    [acme.id, name],
  );
  return rows.map(({ payload }) => payload);
}

describe('a mention', () => {
  it('finds people by id and by address, in the order of the text, and keeps the text as typed', async () => {
    const body = `${at(jo)}, see @${mia.email.toUpperCase()} and @${acme.owner.email}, again ${at(jo)}`;
    const comment = await write(body);
    expect(comment.body).toBe(body);
    expect(comment.mentions[0]).toEqual({ userId: jo.id, name: 'Jo Tester' });
    expect(idsIn(comment).toSorted()).toEqual([jo.id, mia.id, acme.owner.id].toSorted());
    const [listed] = expectStatus(await jo.get(`/tasks/${task.id}/comments`), 200).data;
    expect(listed.mentions).toEqual(comment.mentions);
  });

  it('leaves as text who may not see the task, is inactive, of another organisation or nobody', async () => {
    const globex = await signUp(app);
    const [outsider, gone] = [await acme.join('Olaf', 'member'), await acme.join('Gus', 'member')];
    expectStatus(await acme.owner.post(`/projects/${project.id}/members`, { userId: gone.id, role: 'member' }), 201);
    expectStatus(await acme.owner.patch(`/users/${gone.id}`, { active: false }), 200);
    const people = [outsider, gone, globex.owner, { id: task.id, email: 'nobody@acme.test' }];
    const comment = await write(people.map((each) => `${at(each)} @${each.email}`).join(' '));
    expect(comment.mentions).toEqual([]);
    expect(await announced('user.mentioned')).toEqual([]);
  });

  it('finds those who are in the project through a team', async () => {
    const lea = await acme.join('Lea', 'member');
    const team = expectStatus(await acme.owner.post('/teams', { name: 'Design' }), 201).data;
    expectStatus(await acme.owner.post(`/teams/${team.id}/members`, { userId: lea.id, role: 'member' }), 201);
    expect(idsIn(await write(at(lea)))).toEqual([]);
    expectStatus(await acme.owner.put(`/projects/${project.id}/teams/${team.id}`, { role: 'viewer' }), 200);
    expect(idsIn(await write(at(lea)))).toEqual([lea.id]);
  });

  it('is none in code or in a link', async () => {
    expect(idsIn(await write(`\`${at(jo)}\` [x @${jo.email}](https://acme.test)\n\n    ${at(jo)}`))).toEqual([]);
  });

  it('is announced once, also when the comment is edited, and to nobody for themselves', async () => {
    const comment = await write(`${at(jo)} ${at(mia)}`);
    const edited = expectStatus(
      await mia.patch(`/comments/${comment.id}`, { body: `${at(acme.owner)} ${at(jo)}` }),
      200,
    ).data;
    expect(idsIn(edited)).toEqual([acme.owner.id, jo.id]);
    const told = await announced('user.mentioned');
    expect(told.map((each) => [each.userId, each.commentId, each.taskId, each.mentionedBy])).toEqual([
      [jo.id, comment.id, task.id, mia.id],
      [acme.owner.id, comment.id, task.id, mia.id],
    ]);
    expect(idsIn(expectStatus(await mia.patch(`/comments/${comment.id}`, { body: 'never mind' }), 200).data)).toEqual(
      [],
    );
  });
});

describe('what happens to comments', () => {
  it('is announced with ids', async () => {
    const { id: commentId } = await write('one');
    const reaction = `/comments/${commentId}/reactions/${encodeURIComponent('🎉')}`;
    expectStatus(await mia.patch(`/comments/${commentId}`, { body: 'two' }), 200);
    for (const method of ['PUT', 'PUT', 'DELETE', 'DELETE']) expectStatus(await mia.call(method, reaction), 200);
    expectStatus(await mia.delete(`/comments/${commentId}`), 204);
    const ids = { commentId, taskId: task.id };
    expect(await announced('comment.added')).toEqual([{ ...ids, authorId: mia.id }]);
    expect(await announced('comment.edited')).toEqual([ids]);
    expect(await announced('reaction.added')).toEqual([{ ...ids, userId: mia.id, emoji: '🎉' }]);
    expect(await announced('reaction.removed')).toEqual([{ ...ids, userId: mia.id, emoji: '🎉' }]);
    expect(await announced('comment.deleted')).toEqual([ids]);
  });
});
