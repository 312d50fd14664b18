import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { attach } from '../attachments/files.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus, type Client } from '../support/client.ts';
import { sqlOf } from '../support/sql.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
let jo: Person;
let task: { id: string };
beforeAll(async () => {
  app = await startApp();
});
afterAll(async () => app.stop());
beforeEach(async () => {
  acme = await signUp(app);
  [mia, jo] = [await acme.join('Mia', 'member'), await acme.join('Jo', 'member')];
  const project = await acme.project('Website', [
    [mia, 'member'],
    [jo, 'member'],
  ]);
  task = await acme.task(project.id);
});

const comment = async (who: Client, body: string, parentId?: string) =>
  expectStatus(await who.post(`/tasks/${task.id}/comments`, { body, parentId }), 201).data;

describe('a comment that is edited', () => {
  it('keeps its former texts, the newest first, for whoever sees it', async () => {
    const { id, createdAt } = await comment(mia, 'one');
    expectStatus(await mia.patch(`/comments/${id}`, { body: 'two' }), 200);
    const edited = expectStatus(await mia.patch(`/comments/${id}`, { body: 'three' }), 200).data;
    const { data, meta } = expectStatus(await jo.get(`/comments/${id}/history`), 200);
    expect(data.map((version: any) => version.body)).toEqual(['two', 'one']);
    expect(data[1].writtenAt).toBe(createdAt);
    expect(data[0].writtenAt <= data[0].replacedAt && data[0].replacedAt <= edited.updatedAt).toBe(true);
    expect(meta.hasMore).toBe(false);
    const next = expectStatus(await jo.get(`/comments/${id}/history?limit=1`), 200).meta.nextCursor;
    expect((await jo.get(`/comments/${id}/history?limit=1&after=${next}`)).data[0].body).toBe('one');
  });

  it('is another only when its text is', async () => {
    const { id } = await comment(mia, 'same');
    expect(expectStatus(await mia.patch(`/comments/${id}`, { body: 'same' }), 200).data.version).toBe(1);
    expect((await mia.get(`/comments/${id}/history`)).data).toEqual([]);
  });
});

describe('a comment that is deleted', () => {
  it('shows nothing any more, its history included', async () => {
    const { id } = await comment(mia, 'one');
    expectStatus(await mia.patch(`/comments/${id}`, { body: 'two' }), 200);
    expectStatus(await mia.put(`/comments/${id}/reactions/${encodeURIComponent('👍')}`), 200);
    expectStatus(await mia.delete(`/comments/${id}`), 204);
    for (const path of [`/comments/${id}`, `/comments/${id}/history`])
      expect((await mia.get(path)).error.code).toBe('comment_not_found');
    const reaction = await mia.put(`/comments/${id}/reactions/${encodeURIComponent('👍')}`);
    expect([reaction.status, reaction.error.code]).toEqual([404, 'comment_not_found']);
    expect((await mia.get(`/tasks/${task.id}/comments`)).data).toEqual([]);
  });

  it('leaves its replies, which stand for themselves', async () => {
    const { id } = await comment(mia, 'question');
    const reply = await comment(jo, 'answer', id);
    expectStatus(await mia.delete(`/comments/${id}`), 204);
    const { data } = expectStatus(await jo.get(`/comments/${reply.id}`), 200);
    expect([data.parentId, data.body, data.version]).toEqual([null, 'answer', 2]);
  });
});

describe('a reply', () => {
  it('is counted where it belongs, found by it, and changes its ETag', async () => {
    const parent = await comment(mia, 'question');
    const [first, second] = [await comment(jo, 'a', parent.id), await comment(mia, 'b', parent.id)];
    const cached = { 'if-none-match': '"1"' };
    expect(expectStatus(await mia.get(`/comments/${parent.id}`, cached), 200).data.replyCount).toBe(2);
    const replies = expectStatus(await mia.get(`/tasks/${task.id}/comments?parentId=${parent.id}`), 200).data;
    expect(replies.map((each: any) => [each.id, each.parentId])).toEqual([
      [first.id, parent.id],
      [second.id, parent.id],
    ]);
    expectStatus(await jo.delete(`/comments/${first.id}`), 204);
    const { data, meta } = expectStatus(await mia.get(`/tasks/${task.id}/comments?parentId=null&count=true`), 200);
    expect([data.map((each: any) => [each.id, each.replyCount]), meta.total]).toEqual([[[parent.id, 1]], 1]);
  });

  it('stands on the same task, one level deep', async () => {
    const parent = await comment(mia, 'question');
    const reply = await comment(jo, 'answer', parent.id);
    const other = await acme.task((await acme.project('Other', [[mia, 'member']])).id);
    for (const [on, parentId] of [
      [task.id, reply.id],
      [other.id, parent.id],
      [task.id, task.id],
    ]) {
      const answer = await mia.post(`/tasks/${on}/comments`, { body: 'no', parentId });
      expect([answer.status, answer.error.details[0]]).toMatchObject([
        400,
        { pointer: '/parentId', code: 'unknown_comment' },
      ]);
    }
  });
});

describe('reactions', () => {
  const path = (id: string, emoji: string) => `/comments/${id}/reactions/${encodeURIComponent(emoji)}`;

  it('are counted by emoji, told apart by who asks, and repeated without effect', async () => {
    const { id } = await comment(mia, 'done');
    for (const who of [jo, mia, jo]) expectStatus(await who.put(path(id, '👍')), 200);
    const answer = expectStatus(await mia.put(path(id, '❤')), 200).data;
    expect(answer.reactions).toEqual([
      { emoji: '👍', count: 2, reacted: true, userIds: [jo.id, mia.id] },
      { emoji: '❤️', count: 1, reacted: true, userIds: [mia.id] },
    ]);
    expect([answer.version, answer.updatedAt]).toEqual([4, answer.createdAt]);
    const [listed] = expectStatus(await acme.owner.get(`/tasks/${task.id}/comments`), 200).data;
    expect(listed.reactions.map((each: any) => each.reacted)).toEqual([false, false]);
    expectStatus(await mia.delete(path(id, '👍')), 200);
    const left = expectStatus(await mia.delete(path(id, '👍')), 200).data;
    expect([left.reactions[0], left.version]).toEqual([{ emoji: '👍', count: 1, reacted: false, userIds: [jo.id] }, 5]);
  });

  it('are one emoji each', async () => {
    const { id } = await comment(mia, 'done');
    for (const text of ['ok', '👍👍', ':)']) {
      const answer = await mia.put(path(id, text));
      expect([answer.status, answer.error.details[0]!.code]).toEqual([400, 'emoji']);
    }
  });

  it('are of at most 20 kinds, also when they come at once', async () => {
    const { id } = await comment(mia, 'done');
    const emojis = Array.from({ length: 26 }, (_, i) => String.fromCodePoint(0x1f600 + i));
    const answers = await Promise.all(emojis.map((emoji) => mia.put(path(id, emoji))));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.map((answer) => [answer.status, answer.error.code])).toEqual(
      Array.from({ length: 6 }, () => [409, 'too_many_reactions']),
    );
    const { reactions } = (await mia.get(`/comments/${id}`)).data;
    expect(reactions).toHaveLength(20);
    expectStatus(await jo.put(path(id, reactions[0].emoji)), 200);
  });

  it('of people who come at once are all kept, each of them once, and no search entry is written', async () => {
    const { id } = await comment(mia, 'done');
    const sql = await sqlOf(app, acme);
    const entry = () => sql('SELECT xmin, ctid FROM "@tenant".search_entries WHERE id = $1', id);
    const before = await entry();
    expect(before).toHaveLength(1);
    const people = [mia, jo, acme.owner, mia, jo, acme.owner];
    const put = people.flatMap((who) => ['👍', '🎉'].map((emoji) => who.put(path(id, emoji))));
    for (const answer of await Promise.all(put)) expectStatus(answer, 200);
    const shown = expectStatus(await mia.get(`/comments/${id}`), 200).data;
    const everybody = [mia.id, jo.id, acme.owner.id].sort();
    expect(shown.reactions.map((each: any) => [each.count, each.userIds.toSorted()])).toEqual([
      [3, everybody],
      [3, everybody],
    ]);
    expect([shown.version, shown.updatedAt]).toEqual([7, shown.createdAt]);
    const [first, second] = shown.reactions.map((each: any) => each.emoji);
    await Promise.all([mia, jo, acme.owner, mia].map((who) => who.delete(path(id, first))));
    const left = expectStatus(await mia.put(path(id, first)), 200).data;
    expect(left.reactions.map((each: any) => [each.emoji, each.count])).toEqual([
      [second, 3],
      [first, 1],
    ]);
    expect(left.version).toBe(11);
    expect(await entry()).toEqual(before);
  });

  it('are for those who may comment', async () => {
    const vera = await acme.join('Vera', 'viewer');
    const project = await acme.project('Read', [
      [vera, 'viewer'],
      [mia, 'member'],
    ]);
    task = await acme.task(project.id);
    const { id } = await comment(mia, 'done');
    expectStatus(await vera.get(`/comments/${id}`), 200);
    expect((await vera.put(path(id, '👍'))).status).toBe(403);
    expect((await jo.put(path(id, '👍'))).error.code).toBe('comment_not_found');
  });
});

describe('an archived project', () => {
  it('keeps what was said and attached, and takes nothing new', async () => {
    const project = await acme.project('Done', [[mia, 'member']]);
    task = await acme.task(project.id);
    const { id } = await comment(mia, 'last words');
    const file = expectStatus(await attach(mia, task.id, 'text', 'a.txt'), 201).data;
    expectStatus(await acme.owner.put(`/projects/${project.id}/archive`), 200);
    for (const path of [`/comments/${id}`, `/tasks/${task.id}/comments`, `/attachments/${file.id}/file`])
      expectStatus(await mia.get(path), 200);
    const refused = [
      await mia.post(`/tasks/${task.id}/comments`, { body: 'more' }),
      await mia.patch(`/comments/${id}`, { body: 'other words' }),
      await mia.delete(`/comments/${id}`),
      await mia.put(`/comments/${id}/reactions/${encodeURIComponent('👍')}`),
      await attach(mia, task.id, 'more', 'b.txt'),
      await mia.delete(`/attachments/${file.id}`),
    ];
    expect(refused.map(({ status, error }) => [status, error.code])).toEqual(
      refused.map(() => [409, 'project_archived']),
    );
  });
});
