import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { utimes, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { AttachmentUploads } from '../../src/attachments/attachment-uploads.service.ts';
import { FileStore } from '../../src/platform/files/file-store.ts';
import { TenantFiles } from '../../src/platform/files/tenant-files.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { drawing } from '../avatars/pictures.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startS3, type TestS3 } from '../support/s3.ts';
import { sqlOf } from '../support/sql.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';
import { formOf } from '../support/upload.ts';
import { attach, attached, expectNoFile } from './files.ts';

const MOST = 2 * 1024 * 1024;
const png = () => drawing(20, 20).png().toBuffer();

describe.each(['on disk', 'in a bucket'])('nothing is left %s', (place) => {
  let s3: TestS3 | null;
  let app: TestApp;
  let acme: TestTenant;
  let task: { id: string };
  beforeAll(async () => {
    s3 = place === 'in a bucket' ? await startS3() : null;
    app = await startApp({ settings: { MAX_ATTACHMENT_BYTES: String(MOST), ...s3?.settings } });
  });
  afterAll(async () => {
    await app.stop();
    await s3?.stop();
  });
  beforeEach(async () => {
    acme = await signUp(app);
    task = await acme.task((await acme.project('Website')).id);
  });
  afterEach(async () => {
    await expectNoFile(app, acme.id);
    expect((await acme.owner.get(`/tasks/${task.id}/attachments`)).data).toEqual([]);
  });

  it('of a file that is too large, whether it says so or not', async () => {
    const large = Buffer.alloc(MOST + 1, 'x');
    const told = await attach(acme.owner, task.id, Buffer.alloc(MOST + 10_000), 'large.bin2');
    expect([told.status, told.error.code]).toEqual([413, 'file_too_large']);
    expect(await sendRaw(formText(large, 'large.txt'), { chunked: true })).toMatchObject({ status: 413 });
  });

  it('of an upload that breaks off', async () => {
    const whole = formText(Buffer.alloc(MOST - 1_000, 'x'), 'half.txt');
    for (const keep of [whole.length / 2, whole.length - 5]) {
      await sendRaw(whole.subarray(0, keep), { announce: whole.length, breakOff: true });
      await expectNoFile(app, acme.id);
    }
    // An end that is told, but is none.
    expect(await sendRaw(whole.subarray(0, whole.length - 20), {})).toMatchObject({ status: 400 });
  });

  it('of one whose row cannot be written', async () => {
    const sql = await sqlOf(app, acme);
    await sql(`ALTER TABLE "@tenant".attachments ADD CONSTRAINT none CHECK (false)`);
    const answer = await attach(acme.owner, task.id, await png(), 'a.png');
    expect([answer.status, answer.error.code]).toEqual([500, 'internal_error']);
    await expectNoFile(app, acme.id);
  });

  function formText(content: Buffer, name: string): Buffer {
    const head = `--edge\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n--edge--\r\n')]);
  }

  /** @param announce a length that is not the true one, after which the client goes away */
  function sendRaw(
    body: Buffer,
    { chunked = false, announce, breakOff = false }: { chunked?: boolean; announce?: number; breakOff?: boolean },
  ): Promise<{ status: number } | null> {
    return new Promise((resolve, reject) => {
      const length = chunked ? {} : { 'content-length': String(announce ?? body.length) };
      const headers = { ...acme.owner.headers, ...length, 'content-type': 'multipart/form-data; boundary=edge' };
      const path = `${app.url}/api/v1/tasks/${task.id}/attachments`;
      const request = http.request(path, { method: 'POST', headers }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve({ status: answer.statusCode! }));
      });
      request.on('error', (error) => (breakOff ? resolve(null) : reject(error)));
      request.write(body, () => {
        if (!breakOff) return void request.end();
        // Once something of it is being written, or there would be nothing to remove.
        const written = async () => expect(await app.nest.get(FileStore).sizeOf(acme.id)).toBeGreaterThan(0);
        eventually(written).then(() => request.destroy(), reject);
      });
    });
  }
});

describe('what a process that died was writing', () => {
  it('is removed when nobody has written to it for a day', async () => {
    const app = await startApp();
    try {
      const acme = await signUp(app);
      const task = await acme.task((await acme.project('Website')).id);
      await attached(acme.owner, task.id, 'kept', 'a.txt');
      const [folder, uploads] = [app.nest.get(TenantFiles), app.nest.get(AttachmentUploads)];
      const [old, fresh] = [await folder.pathTo(acme.id, 'old.draft'), await folder.pathTo(acme.id, 'new.draft')];
      for (const path of [old, fresh]) await writeFile(path, 'half');
      await utimes(old, new Date(), new Date(Date.now() - 25 * 3_600_000));
      expect([await uploads.removeAbandoned(), await uploads.removeAbandoned()]).toEqual([1, 0]);
      expect([existsSync(old), existsSync(fresh)]).toEqual([false, true]);
      expect(await app.nest.get(FileStore).sizeOf(acme.id)).toBe('kept'.length + 'half'.length);
    } finally {
      await app.stop();
    }
  });
});

describe('the storage of a plan', () => {
  it('is not exceeded by files, also when they come at once', async () => {
    const app = await startApp();
    try {
      const acme = await signUp(app);
      const task = await acme.task((await acme.project('Website')).id);
      await app.owner.query(
        `UPDATE public.tenants SET limits = '{"storageBytes": 25000}', storage_bytes = 0 WHERE id = $1`,
        [acme.id],
      );
      await app.nest.get(TenantsService).forget(await app.nest.get(TenantsService).get(acme.id));
      const text = Buffer.alloc(10_000, 'x');
      const names = ['a', 'b', 'c', 'd'];
      const answers = await Promise.all(names.map((name) => attach(acme.owner, task.id, text, `${name}.txt`)));
      const refused = answers.filter(({ status }) => status !== 201).map(({ status, error }) => [status, error.code]);
      expect(refused).toEqual([
        [403, 'plan_limit_reached'],
        [403, 'plan_limit_reached'],
      ]);
      expect(await app.nest.get(FileStore).sizeOf(acme.id)).toBe(20_000);
    } finally {
      await app.stop();
    }
  });
});

describe('uploads', () => {
  it('are so many an hour, pictures of people included', async () => {
    const limited = await startApp({ settings: { RATE_LIMIT_ENABLED: 'true', RATE_LIMIT_UPLOADS: '2' } });
    try {
      const globex = await signUp(limited);
      const { id } = await globex.task((await globex.project('Website')).id);
      expectStatus(await globex.owner.call('PUT', '/users/me/avatar', { body: formOf(await png()) }), 200);
      await attached(globex.owner, id, 'text', 'a.txt');
      const third = await attach(globex.owner, id, 'text', 'b.txt');
      expect([third.status, third.error.code]).toEqual([429, 'rate_limited']);
    } finally {
      await limited.stop();
    }
  });
});
