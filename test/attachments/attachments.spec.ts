import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { FileStore } from '../../src/platform/files/file-store.ts';
import { TenantDeletionService } from '../../src/tenants/tenant-deletion.service.ts';
import { drawing, tallJpeg } from '../avatars/pictures.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startS3, type TestS3 } from '../support/s3.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';
import { attach, attached, download, expectNoFile } from './files.ts';

const TEXT = '0123456789'.repeat(10);

describe.each(['on disk', 'in a bucket'])('files %s', (place) => {
  let s3: TestS3 | null;
  let app: TestApp;
  let acme: TestTenant;
  let mia: Person;
  let jo: Person;
  let project: { id: string };
  let task: { id: string };
  beforeAll(async () => {
    s3 = place === 'in a bucket' ? await startS3() : null;
    app = await startApp({ settings: s3?.settings });
  });
  afterAll(async () => {
    await app.stop();
    await s3?.stop();
  });
  beforeEach(async () => {
    acme = await signUp(app);
    [mia, jo] = [await acme.join('Mia', 'member'), await acme.join('Jo', 'member')];
    project = await acme.project('Website', [
      [mia, 'member'],
      [jo, 'member'],
    ]);
    task = await acme.task(project.id);
  });

  const bytesKept = () => app.nest.get(FileStore).sizeOf(acme.id);

  it('are attached to a task, listed and read as they were sent', async () => {
    const file = await attached(mia, task.id, TEXT, 'Bericht “Ä” (1).txt');
    expect(file).toMatchObject({
      taskId: task.id,
      commentId: null,
      name: 'Bericht “Ä” (1).txt',
      mediaType: 'text/plain; charset=utf-8',
      bytes: 100,
      sha256: createHash('sha256').update(TEXT).digest('hex'),
      width: null,
      hasThumbnail: false,
      uploadedBy: mia.id,
      uploaderName: 'Mia Tester',
    });
    expect(file.fileKey).toBeUndefined();
    expect(expectStatus(await jo.get(`/tasks/${task.id}/attachments`), 200).data).toEqual([file]);
    const named = async (part: string) =>
      expectStatus(await jo.get(`/tasks/${task.id}/attachments?name[contains]=${part}&bytes[lte]=100`), 200).data;
    expect([await named('bericht'), await named('rapport')]).toEqual([[file], []]);
    expect(expectStatus(await jo.get(`/attachments/${file.id}`), 200).data).toEqual(file);
    const { status, headers, content } = await download(jo, `/attachments/${file.id}/file`);
    expect([status, content.toString()]).toEqual([200, TEXT]);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '100',
      'content-disposition': `attachment; filename="Bericht ___ (1).txt"; filename*=UTF-8''Bericht%20%E2%80%9C%C3%84%E2%80%9D%20%281%29.txt`,
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      etag: `"${file.sha256}"`,
    });
    expect(await bytesKept()).toBe(100);
  });

  it('are read in parts', async () => {
    const { id, sha256 } = await attached(mia, task.id, TEXT, 'a.txt');
    const path = `/attachments/${id}/file`;
    const part = async (range: string, ifRange?: string) => {
      const answer = await download(mia, path, { range, ...(ifRange ? { 'if-range': ifRange } : {}) });
      return [answer.status, answer.headers.get('content-range'), answer.content.toString()];
    };
    expect(await part('bytes=8-11')).toEqual([206, 'bytes 8-11/100', '8901']);
    expect(await part('bytes=98-')).toEqual([206, 'bytes 98-99/100', '89']);
    expect(await part('bytes=-3')).toEqual([206, 'bytes 97-99/100', '789']);
    expect(await part('bytes=90-500')).toEqual([206, 'bytes 90-99/100', '0123456789']);
    expect(await part('bytes=8-11', `"${sha256}"`)).toEqual([206, 'bytes 8-11/100', '8901']);
    for (const whole of ['bytes=0-1,4-5', 'bytes=-500', 'lines=1-2', 'bytes=x'])
      expect(await part(whole)).toEqual([200, null, TEXT]);
    expect(await part('bytes=8-11', '"another"')).toEqual([200, null, TEXT]);
    const beyond = await download(mia, path, { range: 'bytes=100-' });
    expect([
      beyond.status,
      beyond.headers.get('content-range'),
      JSON.parse(beyond.content.toString()).error.code,
    ]).toEqual([416, 'bytes */100', 'range_not_satisfiable']);
    const known = await download(mia, path, { 'if-none-match': `"${sha256}"`, range: 'bytes=0-1' });
    expect([known.status, known.content.length]).toEqual([304, 0]);
  });

  it('that are pictures have a small copy and their size, upright', async () => {
    const photo = await attached(mia, task.id, await tallJpeg(), 'photo.JPG');
    expect(photo).toMatchObject({ mediaType: 'image/jpeg', width: 200, height: 200, hasThumbnail: true });
    const wide = await attached(mia, task.id, await drawing(1200, 300).png().toBuffer(), 'wide.png');
    const { status, headers, content } = await download(jo, `/attachments/${wide.id}/thumbnail`);
    expect([status, headers.get('content-type'), headers.get('content-disposition')]).toEqual([
      200,
      'image/webp',
      'inline; filename="thumbnail.webp"',
    ]);
    const { default: sharp } = await import('sharp');
    expect(await sharp(content).metadata()).toMatchObject({ format: 'webp', width: 320, height: 80 });
    const text = await attached(mia, task.id, TEXT, 'a.txt');
    const none = await mia.get(`/attachments/${text.id}/thumbnail`);
    expect([none.status, none.error.code]).toEqual([404, 'no_thumbnail']);
    const broken = Buffer.concat([(await drawing(50, 50).png().toBuffer()).subarray(0, 60)]);
    expect(await attached(mia, task.id, broken, 'broken.png')).toMatchObject({ width: null, hasThumbnail: false });
  });

  it('are removed with their small copies by whoever added them, or by who may delete tasks', async () => {
    const picture = await drawing(50, 50).png().toBuffer();
    const [first, second] = [
      await attached(mia, task.id, picture, 'a.png'),
      await attached(mia, task.id, picture, 'b.png'),
    ];
    const refused = await jo.delete(`/attachments/${first.id}`);
    expect([refused.status, refused.error.code]).toEqual([403, 'not_your_attachment']);
    expectStatus(await mia.delete(`/attachments/${first.id}`), 204);
    expectStatus(await acme.owner.delete(`/attachments/${second.id}`), 204);
    for (const path of ['', '/file', '/thumbnail'])
      expect((await mia.get(`/attachments/${first.id}${path}`)).error.code).toBe('attachment_not_found');
    expect((await mia.get(`/tasks/${task.id}/attachments`)).data).toEqual([]);
    await expectNoFile(app, acme.id);
    const { data } = expectStatus(await mia.get(`/tasks/${task.id}/history?field=attachments`), 200);
    expect(data.map(({ oldValue, newValue, actorId }: any) => [oldValue, newValue, actorId]).toReversed()).toEqual(
      expect.arrayContaining([
        [null, { id: first.id, name: 'a.png' }, mia.id],
        [{ id: second.id, name: 'b.png' }, null, acme.owner.id],
      ]),
    );
  });

  it('belong to a comment of one’s own, and go with it', async () => {
    const [own, other] = [
      expectStatus(await mia.post(`/tasks/${task.id}/comments`, { body: 'see' }), 201).data,
      expectStatus(await jo.post(`/tasks/${task.id}/comments`, { body: 'see' }), 201).data,
    ];
    const file = expectStatus(await attach(mia, task.id, TEXT, 'a.txt', own.id), 201).data;
    const loose = await attached(mia, task.id, 'loose', 'b.txt');
    expect(file.commentId).toBe(own.id);
    const of = async (filter: string) =>
      expectStatus(await mia.get(`/tasks/${task.id}/attachments?commentId=${filter}`), 200).data.map(
        (each: any) => each.id,
      );
    expect([await of(own.id), await of('null')]).toEqual([[file.id], [loose.id]]);
    for (const id of [other.id, task.id, 'no-id']) {
      const answer = await attach(mia, task.id, TEXT, 'a.txt', id);
      expect([answer.status, answer.error.details[0]?.code]).toEqual([400, 'unknown_comment']);
    }
    expectStatus(await mia.delete(`/comments/${own.id}`), 204);
    await eventually(async () => expect(await bytesKept()).toBe('loose'.length));
    expect((await mia.get(`/attachments/${file.id}`)).status).toBe(404);
    expectStatus(await mia.get(`/attachments/${loose.id}`), 200);
  });

  it('of a deleted task are hidden, kept, and there again when it is restored', async () => {
    const { id } = await attached(mia, task.id, TEXT, 'a.txt');
    expectStatus(await acme.owner.delete(`/tasks/${task.id}`), 204);
    for (const path of [`/attachments/${id}`, `/attachments/${id}/file`])
      expect((await mia.get(path)).error.code).toBe('attachment_not_found');
    expect((await mia.get(`/tasks/${task.id}/attachments`)).error.code).toBe('task_not_found');
    expect((await mia.delete(`/attachments/${id}`)).error.code).toBe('attachment_not_found');
    expect(await bytesKept()).toBe(100);
    expectStatus(await acme.owner.post(`/tasks/${task.id}/restoration`), 200);
    expect((await download(mia, `/attachments/${id}/file`)).content.toString()).toBe(TEXT);
  });

  it('answer 404 when the store has lost them', async () => {
    const { id } = await attached(mia, task.id, TEXT, 'a.txt');
    await app.nest.get(FileStore).removeAll(acme.id);
    for (const range of ['bytes=0-1', 'all'])
      expect((await download(mia, `/attachments/${id}/file`, { range })).status).toBe(404);
  });

  it('go with their organisation', async () => {
    await attached(mia, task.id, await drawing(50, 50).png().toBuffer(), 'a.png');
    expect(await bytesKept()).toBeGreaterThan(0);
    const deletion = app.nest.get(TenantDeletionService);
    await deletion.delete(acme.slug);
    await deletion.purge(acme.slug, acme.slug);
    await expectNoFile(app, acme.id);
  });
});
