import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as newId } from 'uuid';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { sqlOf } from '../support/sql.ts';
import { formOf } from '../support/upload.ts';
import { PASSWORD, signUp, type Person, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
let mia: Person;
let projectId: string;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
  mia = await acme.join('Mia', 'manager');
  projectId = (await acme.project('Apollo', [[mia, 'manager']])).id;
});
afterAll(() => app.stop());

const withKey = (key: string) => ({ 'idempotency-key': key });
const body = (title: string) => ({ projectId, title });
const count = async (title: string) =>
  (await mia.get(`/tasks?title=${encodeURIComponent(title)}&count=true`)).body.meta.total;

describe('a POST with an Idempotency-Key', () => {
  it('is carried out once, and answered the same again', async () => {
    const headers = withKey(newId());
    const first = expectStatus(await mia.post('/tasks', body('Once'), headers), 201);
    const again = expectStatus(await mia.post('/tasks', body('Once'), headers), 201);
    expect(again.data).toEqual(first.data);
    for (const name of ['location', 'etag']) expect(again.headers.get(name)).toBe(first.headers.get(name));
    expect([first, again].map((answer) => answer.headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect(await count('Once')).toBe(1);
    // Another key means another task, and no key means that nobody asks.
    expectStatus(await mia.post('/tasks', body('Once'), withKey(newId())), 201);
    expectStatus(await mia.post('/tasks', body('Once')), 201);
    expect(await count('Once')).toBe(3);
  });

  it('is done once by many who repeat it at the same moment', async () => {
    const headers = withKey(newId());
    const answers = await Promise.all(Array.from({ length: 20 }, () => mia.post('/tasks', body('Storm'), headers)));
    const done = answers.filter(({ status }) => status === 201);
    expect(done.length).toBeGreaterThan(0);
    expect(new Set(done.map(({ data }) => data.id)).size).toBe(1);
    for (const { status, error } of answers.filter((answer) => answer.status !== 201))
      expect([status, error?.code]).toEqual([409, 'request_in_flight']);
    expect(await count('Storm')).toBe(1);
  });

  it('belongs to one request: the same key with something else is refused', async () => {
    const headers = withKey(newId());
    expectStatus(await mia.post('/tasks', body('One'), headers), 201);
    const other = await mia.post('/tasks', body('Two'), headers);
    expect(other).toMatchObject({ status: 422, error: { code: 'idempotency_key_reused' } });
    expect((await mia.post(`/projects/${projectId}/milestones`, body('One'), headers)).status).toBe(422);
    expect(await count('Two')).toBe(0);
  });

  it('belongs to one person: somebody else with the same key does their own', async () => {
    const headers = withKey(newId());
    const [mine, theirs] = [
      expectStatus(await mia.post('/tasks', body('Ours'), headers), 201),
      expectStatus(await acme.owner.post('/tasks', body('Ours'), headers), 201),
    ];
    expect(theirs.data.id).not.toBe(mine.data.id);
    const other = await signUp(app);
    const elsewhere = (await other.project('Other')).id;
    expectStatus(await other.owner.post('/tasks', { projectId: elsewhere, title: 'Ours' }, headers), 201);
  });

  it('leaves nothing when it fails, and is tried anew', async () => {
    const headers = withKey(newId());
    expect((await mia.post('/tasks', { projectId, title: 'Later', assigneeId: newId() }, headers)).status).toBe(400);
    expectStatus(await mia.post('/tasks', body('Later'), headers), 201);
    expect(await count('Later')).toBe(1);
  });

  it('is the same key on the next day: what was done before midnight is not done again after it', async () => {
    const headers = withKey(newId());
    const first = expectStatus(await mia.post('/tasks', body('Midnight'), headers), 201);
    const sql = await sqlOf(app, acme);
    const lastMoment = `date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '1 ms'`;
    const moved = await sql(
      `UPDATE platform.idempotency_keys SET created_at = ${lastMoment} WHERE key = $1 RETURNING tableoid::regclass::text AS day`,
      headers['idempotency-key'],
    );
    const [{ day }] = await sql(
      `SELECT tableoid::regclass::text AS day FROM platform.idempotency_keys ORDER BY created_at DESC LIMIT 1`,
    );
    expect(moved).toHaveLength(1);
    expect(moved[0].day).not.toBe(day);
    const answers = await Promise.all(Array.from({ length: 10 }, () => mia.post('/tasks', body('Midnight'), headers)));
    const again = answers.filter(({ status }) => status === 201);
    expect(again.length).toBeGreaterThan(0);
    for (const { data } of again) expect(data.id).toBe(first.data.id);
    expect(await count('Midnight')).toBe(1);
  });

  it('is kept for a day, sealed', async () => {
    const headers = withKey(newId());
    expectStatus(await mia.post('/tasks', body('Yesterday secret'), headers), 201);
    const sql = await sqlOf(app, acme);
    const [row] = await sql('SELECT answer FROM platform.idempotency_keys WHERE key = $1', headers['idempotency-key']);
    expect(JSON.stringify(row)).not.toContain('Yesterday');
    await sql(
      `UPDATE platform.idempotency_keys SET created_at = now() - interval '25 hours' WHERE tenant_schema = '@tenant'`,
    );
    expectStatus(await mia.post('/tasks', body('Today'), headers), 201);
    expect(await count('Today')).toBe(1);
    // The new answer is the one that is given again, beside the old one.
    const again = expectStatus(await mia.post('/tasks', body('Today'), headers), 201);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await count('Today')).toBe(1);
  });

  it.each([
    ['an empty key', '', 'idempotency_key'],
    ['a key that is too long', 'x'.repeat(256), 'idempotency_key'],
    ['a key with a space', 'a b', 'idempotency_key'],
  ])('is refused with %s', async (_, key, code) => {
    expect(await mia.post('/tasks', body('x'), withKey(key))).toMatchObject({
      status: 400,
      error: { details: [{ pointer: 'Idempotency-Key', code }] },
    });
  });

  it('is refused where it cannot be kept: nobody is signed in', async () => {
    const login = { email: mia.email, password: PASSWORD };
    const refused = { status: 400, error: { details: [{ code: 'idempotency_unsupported' }] } };
    expect(await acme.visitor.post('/auth/login', login, withKey(newId()))).toMatchObject(refused);
  });

  it('is refused where a password is judged, for a wrong one must be counted', async () => {
    const refused = { status: 400, error: { details: [{ code: 'idempotency_unsupported' }] } };
    for (const path of ['/auth/reauthenticate', '/auth/password/change', '/auth/mfa/totp/confirm'])
      expect(await mia.post(path, { password: 'guess', code: '123456' }, withKey(newId()))).toMatchObject(refused);
  });

  it('is refused with a file', async () => {
    const task = expectStatus(await mia.post('/tasks', body('With a file')), 201).data;
    const form = formOf(Buffer.from('notes'), 'notes.txt');
    const answer = await mia.call('POST', `/tasks/${task.id}/attachments`, { body: form, headers: withKey(newId()) });
    expect(answer).toMatchObject({ status: 400, error: { details: [{ code: 'idempotency_unsupported' }] } });
  });

  it('is told to browsers and documented', async () => {
    const answer = expectStatus(
      await mia.post('/tasks', body('Seen'), { ...withKey(newId()), origin: 'http://localhost:3000' }),
      201,
    );
    expect(answer.headers.get('access-control-expose-headers')).toContain('Idempotency-Replayed');
  });
});
