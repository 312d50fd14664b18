import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { ArchivesJobs } from '../../src/archives/archives.jobs.ts';
import { WRITE_EXPORT } from '../../src/archives/archives.types.ts';
import { TenantArchives } from '../../src/archives/tenant-archives.service.ts';
import { TenantFiles } from '../../src/platform/files/tenant-files.ts';
import { Jobs } from '../../src/platform/jobs/jobs.ts';
import { SystemSettingsService } from '../../src/settings/settings.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
/** Where the files of this file's app lie, below a folder that a test can take away. */
let disk: string;
beforeAll(async () => {
  disk = await mkdtemp(join(tmpdir(), 'projectflow-disk-'));
  app = await startApp({ settings: { FILES_DIR: join(disk, 'files') } });
});
beforeEach(async () => {
  acme = await signUp(app);
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(async () => {
  await app.stop();
  await rm(disk, { recursive: true, force: true });
});

const EXPORTS = '/tenants/current/exports';
const PREAMBLE_BYTES = 10;

async function request(owner: Person = acme.owner): Promise<any> {
  return expectStatus(await owner.post(EXPORTS), 201).data;
}

const read = async ({ id }: any) => expectStatus(await acme.owner.get(`${EXPORTS}/${id}`), 200).data;

async function readyOne(): Promise<any> {
  const requested = await request();
  return eventually(async () => {
    const found = await read(requested);
    expect(found.state).toBe('ready');
    return found;
  }, 15_000);
}

function download({ id }: any): Promise<Response> {
  return fetch(`${app.url}/api/v1${EXPORTS}/${id}/file`, { headers: acme.owner.headers });
}

async function filesOf({ id }: TestTenant): Promise<string[]> {
  const folder = dirname(await app.nest.get(TenantFiles).pathTo(id, 'x'));
  return (await readdir(folder)).sort();
}

const schemaOf = async ({ id }: TestTenant): Promise<string> =>
  (await app.owner.query('SELECT schema_name FROM public.tenants WHERE id = $1', [id])).rows[0].schema_name;

const jobOf = async ({ id }: any) => {
  const { rows } = await app.owner.query(`SELECT id FROM jobs.job WHERE data->>'archiveId' = $1`, [id]);
  return app.nest.get(Jobs).find(rows[0].id, acme.id);
};

/** Has the next attempt made now. */
const hurry = () => app.owner.query(`UPDATE jobs.job SET start_after = now() WHERE state = 'retry'`);

describe('an export', () => {
  it('is written in the background and downloaded whole: its length and sum are those of the file', async () => {
    const project = await acme.project('Apollo');
    for (let n = 0; n < 5; n += 1) await acme.task(project.id, { title: `Task ${n}` });
    const requested = await request();
    expect(requested).toMatchObject({ bytes: null, sha256: null, error: null, finishedAt: null, expiresAt: null });
    const ready = await eventually(async () => {
      const found = await read(requested);
      expect(found.state).toBe('ready');
      return found;
    });
    expect(ready.progress.done).toBe(ready.progress.total);
    expect(ready.progress.done).toBeGreaterThan(10);
    const answer = await download(ready);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(answer.status).toBe(200);
    expect(Number(answer.headers.get('content-length'))).toBe(bytes.length);
    expect(answer.headers.get('content-type')).toBe('application/vnd.projectflow.archive');
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="${acme.slug}-export-${ready.id}.pft"`,
    );
    expect(bytes.length).toBe(ready.bytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(ready.sha256);
    const found = await app.nest.get(TenantArchives).verify(Readable.from([bytes]));
    expect(found).toMatchObject({ rows: ready.progress.done, head: { facts: { slug: acme.slug, secrets: false } } });
    expect(Date.parse(ready.expiresAt) - Date.parse(ready.finishedAt)).toBeCloseTo(7 * 86_400_000, -3);
  });

  it('holds neither passwords nor sessions', async () => {
    const { rows } = await app.owner.query(
      `SELECT c.secret, s.id AS session, encode(t.hash, 'hex') AS token FROM "${await schemaOf(acme)}".credentials c,
              "${await schemaOf(acme)}".sessions s, "${await schemaOf(acme)}".tokens t WHERE c.type = 'password'`,
    );
    await app.owner.query(
      `INSERT INTO "${await schemaOf(acme)}".credentials (user_id, type, id, key) VALUES ($1, 'recovery_code', gen_random_uuid(), 'c0de-hash')`,
      [acme.owner.id],
    );
    const provider = { key: 'company', name: 'Company', kind: 'github', clientId: 'us', clientSecret: 'cl1ent-secret' };
    const { id } = expectStatus(await acme.owner.post('/tenants/current/sign-in-providers', provider), 201).data;
    await app.owner.query(
      `INSERT INTO "${await schemaOf(acme)}".credentials (user_id, type, id, provider_id, key) VALUES ($1, 'identity', $2, $2, 'subject-7')`,
      [acme.owner.id, id],
    );
    const bytes = Buffer.from(await (await download(await readyOne())).arrayBuffer());
    const unpacked = gunzipSync(bytes.subarray(PREAMBLE_BYTES)).toString('latin1');
    expect(unpacked).toContain(acme.owner.email);
    expect(unpacked).toContain('subject-7');
    expect(unpacked).not.toContain('c0de-hash');
    for (const secret of [rows[0].secret, rows[0].session, rows[0].token]) {
      expect(secret.length).toBeGreaterThan(20);
      expect(unpacked).not.toContain(secret);
    }
  });

  it('holds neither API keys nor what providers know us by', async () => {
    const { data: key } = await acme.owner.post('/auth/api-keys', { name: 'Build', scopes: ['*'] });
    const fields = { key: 'google', name: 'Google', kind: 'google', clientId: 'our-client', clientSecret: 'secret' };
    expectStatus(await acme.owner.post('/tenants/current/sign-in-providers', fields), 201);
    const { rows } = await app.owner.query(
      `SELECT encode(k.hash, 'hex') AS hash, p.client_secret AS secret
         FROM "${await schemaOf(acme)}".api_keys k, "${await schemaOf(acme)}".sign_in_providers p WHERE k.id = $1`,
      [key.id],
    );
    const bytes = Buffer.from(await (await download(await readyOne())).arrayBuffer());
    const unpacked = gunzipSync(bytes.subarray(PREAMBLE_BYTES)).toString('latin1');
    expect(unpacked).toContain('our-client');
    for (const secret of [key.id, rows[0].hash, rows[0].secret]) {
      // The audit log tells that the key was made, and no more of it.
      const found = unpacked.replaceAll(`api_key\t${key.id}`, '');
      expect(secret.length).toBeGreaterThan(20);
      expect(found).not.toContain(secret);
    }
  });

  it('is nobody else’s, and for those who may take all data out', async () => {
    const [globex, mine] = [await signUp(app), await readyOne()];
    for (const answer of [
      await globex.owner.get(`${EXPORTS}/${mine.id}`),
      await globex.owner.get(`${EXPORTS}/${mine.id}/file`),
      await globex.owner.delete(`${EXPORTS}/${mine.id}`),
    ])
      expect(answer).toMatchObject({ status: 404, error: { code: 'export_not_found' } });
    expect((await globex.owner.get(EXPORTS)).data).toEqual([]);
    expect((await acme.owner.get(EXPORTS)).data).toHaveLength(1);
    const manager = await acme.join('Mia', 'manager');
    expectStatus(await manager.post(EXPORTS), 403);
    expectStatus(await manager.get(`${EXPORTS}/${mine.id}/file`), 403);
  });

  it('is one of ten at most, however many are asked for at once, until one is removed', async () => {
    jest.spyOn(app.nest.get(TenantArchives), 'write').mockRejectedValue(new Error('not now'));
    const answers = await Promise.all(Array.from({ length: 13 }, () => acme.owner.post(EXPORTS)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([...Array(10).fill(201), 409, 409, 409]);
    expect(answers.find((answer) => answer.status === 409)!.error.code).toBe('too_many_exports');
    expectStatus(await acme.owner.delete(`${EXPORTS}/${answers.find((one) => one.status === 201)!.data.id}`), 204);
    await request();
    // Their jobs are not waited for by what follows.
    await app.nest.get(Jobs).removeAll(acme.id);
  });

  it('cannot be downloaded before it is ready, and not when its file is gone', async () => {
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const archives = app.nest.get(TenantArchives);
    const write = archives.write.bind(archives);
    jest.spyOn(archives, 'write').mockImplementationOnce(async (...order) => held.then(() => write(...order)));
    const requested = await request();
    await eventually(async () => expect((await read(requested)).state).toBe('writing'));
    expect(await (await download(requested)).json()).toMatchObject({ error: { code: 'export_not_ready' } });
    goOn();
    await eventually(async () => expect((await read(requested)).state).toBe('ready'));
    await app.nest.get(TenantFiles).remove(acme.id, `export-${requested.id}.pft`);
    expect(await (await download(requested)).json()).toMatchObject({ error: { code: 'export_not_found' } });
  });

  it('leaves no file when it is removed, also while it is written', async () => {
    const ready = await readyOne();
    expect(await filesOf(acme)).toEqual([`export-${ready.id}.pft`]);
    expectStatus(await acme.owner.delete(`${EXPORTS}/${ready.id}`), 204);
    expect(await filesOf(acme)).toEqual([]);
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const archives = app.nest.get(TenantArchives);
    const write = archives.write.bind(archives);
    jest.spyOn(archives, 'write').mockImplementationOnce(async (...order) => held.then(() => write(...order)));
    const requested = await request();
    await eventually(async () => expect((await read(requested)).state).toBe('writing'));
    const job = await jobOf(requested);
    expectStatus(await acme.owner.delete(`${EXPORTS}/${requested.id}`), 204);
    goOn();
    await eventually(async () => expect((await app.nest.get(Jobs).find(job!.id, acme.id))!.state).toBe('done'));
    expect(await filesOf(acme)).toEqual([]);
  });

  it('is removed with its file when its time is over', async () => {
    const settings = app.nest.get(SystemSettingsService);
    await settings.set('archives.keep-days', '0');
    const short = await readyOne();
    await settings.set('archives.keep-days', '7');
    const long = await readyOne();
    await app.nest.get(ArchivesJobs).lookAfter();
    expect((await acme.owner.get(EXPORTS)).data.map((each: any) => each.id)).toEqual([long.id]);
    expect(short.id).not.toBe(long.id);
    expect(await filesOf(acme)).toEqual([`export-${long.id}.pft`]);
  });
});

describe('an export that fails', () => {
  it('says so while its disk cannot be written to, is tried again, given up, and done once an operator asks', async () => {
    const folder = dirname(await app.nest.get(TenantFiles).pathTo(acme.id, 'x'));
    await rm(folder, { recursive: true });
    // Root may write anywhere, but not below a file.
    await writeFile(folder, 'in the way');
    const requested = await request();
    await eventually(async () =>
      expect(await read(requested)).toMatchObject({
        state: 'failed',
        error: 'It could not be written. It is tried again.',
      }),
    );
    await eventually(async () => expect(await jobOf(requested)).toMatchObject({ state: 'failed', attempts: 1 }));
    await eventually(async () => {
      await hurry();
      expect((await jobOf(requested))!.state).toBe('dead');
    }, 25_000);
    expect(await read(requested)).toMatchObject({
      state: 'failed',
      error: 'It could not be written.',
      finishedAt: expect.any(String),
      expiresAt: expect.any(String),
    });
    await rm(folder);
    await mkdir(folder);
    expect(await app.nest.get(Jobs).retry((await jobOf(requested))!.id)).toBe(true);
    await eventually(async () => expect(await read(requested)).toMatchObject({ state: 'ready', error: null }), 15_000);
  }, 60_000);

  it('leaves no draft when it fails half-way', async () => {
    jest.spyOn(app.nest.get(TenantArchives), 'write').mockImplementationOnce(async (_, out) => {
      out.write(Buffer.alloc(100_000));
      throw new Error('the connection was lost');
    });
    const requested = await request();
    await eventually(async () => expect((await read(requested)).state).toBe('failed'));
    await eventually(async () => expect(await filesOf(acme)).toEqual([]));
    await hurry();
    await eventually(async () => expect((await read(requested)).state).toBe('ready'), 15_000);
    expect(await filesOf(acme)).toEqual([`export-${requested.id}.pft`]);
  });
});

describe('an export whose process died', () => {
  it('is taken up again, whether it was only entered or half written', async () => {
    const record = async (state: string) => {
      const { rows } = await app.owner.query(
        `INSERT INTO public.archives (id, tenant_id, reason, state, created_at)
         VALUES (gen_random_uuid(), $1, 'export', $2, now() - interval '2 minutes') RETURNING id`,
        [acme.id, state],
      );
      return rows[0];
    };
    const [entered, written] = [await record('queued'), await record('writing')];
    const draft = await app.nest.get(TenantFiles).pathTo(acme.id, `export-${written.id}.pft.deadbeef`);
    await writeFile(draft, 'half of it');
    await app.nest.get(ArchivesJobs).lookAfter();
    for (const each of [entered, written])
      await eventually(async () => expect((await read(each)).state).toBe('ready'), 15_000);
    expect(await filesOf(acme)).toEqual([entered, written].map(({ id }) => `export-${id}.pft`).sort());
    const jobs = await app.owner.query('SELECT count(*)::int AS sent FROM jobs.job WHERE group_id = $1', [acme.id]);
    await app.nest.get(ArchivesJobs).lookAfter();
    expect(
      (await app.owner.query('SELECT count(*)::int AS sent FROM jobs.job WHERE group_id = $1', [acme.id])).rows,
    ).toEqual(jobs.rows);
  });

  it('is given up after a day, and said to be', async () => {
    const { rows } = await app.owner.query(
      `INSERT INTO public.archives (id, tenant_id, reason, state, created_at)
       VALUES (gen_random_uuid(), $1, 'export', 'writing', now() - interval '25 hours') RETURNING id`,
      [acme.id],
    );
    await app.nest.get(ArchivesJobs).lookAfter();
    expect(await read(rows[0])).toMatchObject({ state: 'failed', error: 'It could not be written.' });
  });

  it('is not spoiled by an attempt that was thought dead and goes on', async () => {
    const archives = app.nest.get(TenantArchives);
    const write = archives.write.bind(archives);
    let goOn = () => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const attempts: Promise<unknown>[] = [];
    jest.spyOn(archives, 'write').mockImplementationOnce((tenant, out, how) => {
      // Its first bytes are written, and then it sleeps.
      out.write(Buffer.alloc(1_000));
      const late = held.then(() => write(tenant, out, how));
      attempts.push(late.catch(() => undefined));
      return late;
    });
    const requested = await request();
    await eventually(async () => expect(attempts).toHaveLength(1));
    const { id } = (await jobOf(requested))!;
    // What the queue does with a job whose worker is not heard of any more.
    await app.owner.query(`UPDATE jobs.job SET state = 'retry', start_after = now() WHERE id = $1`, [id]);
    await eventually(async () => expect((await read(requested)).state).toBe('ready'), 15_000);
    const ready = await read(requested);
    goOn();
    await Promise.all(attempts);
    await eventually(async () => expect(await filesOf(acme)).toEqual([`export-${requested.id}.pft`]));
    expect(await read(requested)).toEqual(ready);
    const bytes = Buffer.from(await (await download(requested)).arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(ready.sha256);
    expect(WRITE_EXPORT.attempts).toBeGreaterThan(1);
  });
});
