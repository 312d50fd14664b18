import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { v7 as newId } from 'uuid';
import { formatApiKey } from '../../src/api-keys/api-key.rules.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus, type Answer } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type Person, type TestTenant } from '../support/tenant.ts';

const app = await startApp();
/** Another instance on the same database: what ends on the one ends on the other. */
const second = await startApp({ database: app.database, settings: { WORKER: 'false' } });
afterAll(async () => {
  await second.stop();
  await app.stop();
});

let acme: TestTenant;
let schema: string;
beforeAll(async () => {
  acme = await signUp(app);
  schema = await schemaOf(app, acme);
});

async function schemaOf({ owner }: TestApp, { id }: TestTenant): Promise<string> {
  const { rows } = await owner.query<{ name: string }>('SELECT schema_name AS name FROM public.tenants WHERE id = $1', [
    id,
  ]);
  return rows[0]!.name;
}

async function issue(person: Client, scopes: string[], more: object = {}) {
  return expectStatus(await person.post('/auth/api-keys', { name: 'Build', scopes, ...more }), 201).data;
}

const bearer = (key: string, url = app.url) => new Client(url).as(key);
const refused = (answer: Answer) => [answer.status, answer.error?.code];

async function events(action: string): Promise<any[]> {
  const { rows } = await app.owner.query(`SELECT * FROM "${schema}".audit_events WHERE action = $1 ORDER BY at, id`, [
    action,
  ]);
  return rows;
}

describe('an API key', () => {
  it('is shown once, kept as a hash, and acts as its owner by either header', async () => {
    const mia = await acme.join('Mia', 'member');
    const made = await issue(mia, ['user.read', 'task.read:member']);
    expect(made.key).toMatch(/^pfk_[0-9a-f]{32}_[A-Za-z0-9_-]{43}_[0-9a-f]{8}$/);
    expect(made.key.slice(4, 36)).toBe(acme.id.replaceAll('-', ''));
    expect(made).toMatchObject({ name: 'Build', ending: made.key.slice(-4), rotatedAt: null, lastUsedAt: null });
    const days = (Date.parse(made.expiresAt) - Date.parse(made.createdAt)) / 86_400_000;
    expect(Math.round(days)).toBe(90);

    expect(expectStatus(await bearer(made.key).get('/users/me'), 200).data.id).toBe(mia.id);
    expect(expectStatus(await acme.visitor.get('/users/me', { 'x-api-key': made.key }), 200).data.id).toBe(mia.id);

    const listed = expectStatus(await mia.get('/auth/api-keys'), 200);
    expect(listed.data).toMatchObject([{ id: made.id, lastAddress: '127.0.0.1', lastUsedAt: expect.any(String) }]);
    expect(JSON.stringify(listed.body)).not.toContain(made.key.slice(37, 80));
    const { rows } = await app.owner.query(`SELECT t::text AS row FROM "${schema}".api_keys t`);
    expect(rows.map((each) => each.row).join()).not.toContain(made.key.slice(37, 80));
    expect(await events('api_key.created')).toMatchObject([{ actor_id: mia.id, target_id: made.id }]);
    expect(await events('api_key.used')).toMatchObject([{ target_id: made.id, address: '127.0.0.1' }]);
  });

  it('may do what is in its scopes and its owner’s to do, and nothing else', async () => {
    const made = await issue(acme.owner, ['project.read', 'task.create']);
    const project = await acme.project('Apollo');
    const key = bearer(made.key);
    expectStatus(await key.get(`/projects/${project.id}`), 200);
    const task = expectStatus(await key.post('/tasks', { projectId: project.id, title: 'By a key' }), 201).data;
    expect(task.reporterId).toBe(acme.owner.id);
    expect(refused(await key.get(`/tasks/${task.id}`))).toEqual([403, 'permission_denied']);
    expect(refused(await key.patch(`/projects/${project.id}`, { name: 'x' }))).toEqual([403, 'permission_denied']);
    expect(refused(await key.get('/users'))).toEqual([403, 'permission_denied']);
  });

  it('has in a project no more than its scopes, whatever its owner is there', async () => {
    const vera = await acme.join('Vera', 'member');
    const { id } = await acme.project('Managed', [[vera, 'manager']]);
    const task = await acme.task(id);
    await eventually(async () => expectStatus(await vera.get(`/tasks/${task.id}`), 200));
    // Who she is in projects is known for a second.
    const scopes = ['project.read:member', 'task.read:member', 'task.delete:member'];
    const key = bearer((await eventually(() => issue(vera, scopes))).key);
    expectStatus(await key.get(`/tasks/${task.id}`), 200);
    expect((await key.get(`/tasks?projectId=${id}`)).data).toHaveLength(1);
    expect(refused(await key.patch(`/tasks/${task.id}`, { title: 'x' }))).toEqual([403, 'permission_denied']);
    expect(refused(await key.patch(`/projects/${id}`, { name: 'x' }))).toEqual([403, 'permission_denied']);
    expectStatus(await key.delete(`/tasks/${task.id}`), 204);
  });

  it('gets no scope that its maker does not have', async () => {
    const mia = await acme.join('Mia', 'member');
    const wanted = ['user.read', 'user.update', 'task.read', 'task.read:involved', '*', 'moon.visit'];
    const answer = await mia.post('/auth/api-keys', { name: 'Build', scopes: wanted });
    expect(refused(answer)).toEqual([400, 'validation_failed']);
    expect(answer.error.details.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      '/scopes/1 scope_refused',
      '/scopes/2 scope_refused',
      '/scopes/4 scope_refused',
      '/scopes/5 unknown_scope',
    ]);
    const none = await mia.post('/auth/api-keys', { name: 'Build', scopes: [] });
    expect(none.error.details).toMatchObject([{ pointer: '/scopes', code: 'empty' }]);
    const vera = await acme.join('Vera', 'viewer');
    const answerOfVera = await vera.post('/auth/api-keys', { name: 'Build', scopes: ['task.read:member'] });
    expect(refused(answerOfVera)).toEqual([403, 'permission_denied']);
  });

  it('loses what its owner loses, and gains nothing that the owner gains', async () => {
    const mary = await acme.join('Mary', 'manager');
    const key = bearer((await issue(mary, ['project.create', 'project.read', 'user.read'])).key);
    expectStatus(await key.post('/projects', { name: 'Before' }), 201);
    expectStatus(await acme.owner.put(`/users/${mary.id}/roles`, { roles: ['member'] }), 200);
    await eventually(async () =>
      expect(refused(await key.post('/projects', { name: 'x' }))).toEqual([403, 'permission_denied']),
    );
    expectStatus(await key.get('/users'), 200);
    expectStatus(await acme.owner.put(`/users/${mary.id}/roles`, { roles: ['admin'] }), 200);
    await eventually(async () => expectStatus(await key.post('/projects', { name: 'Again' }), 201));
    expect(refused(await key.post('/users', {}))).toEqual([403, 'permission_denied']);
  });

  it('cannot make what outlives it, nor change its owner', async () => {
    const key = bearer((await issue(acme.owner, ['*'])).key);
    const { id } = (await key.get('/auth/api-keys')).data[0];
    const calls = [
      () => key.post('/auth/api-keys', { name: 'Another', scopes: ['task.read'] }),
      () => key.post(`/auth/api-keys/${id}/rotation`, {}),
      () => key.patch(`/auth/api-keys/${id}`, { requestsPerMinute: null }),
      () => key.delete(`/auth/api-keys/${id}`),
      () => key.patch('/users/me', { firstName: 'Changed' }),
      () => key.post('/service-accounts', { name: 'Robot', roles: ['member'] }),
    ];
    for (const call of calls) expect(refused(await call())).toEqual([403, 'key_refused']);
    expectStatus(await key.get('/users/me'), 200);
  });

  it('gives no role that permits more than itself', async () => {
    const key = bearer((await issue(acme.owner, ['user.create', 'user.read'])).key);
    const somebody = (roles: string[]) => ({ email: `${newId()}@x.test`, firstName: 'New', lastName: 'One', roles });
    for (const role of ['owner', 'viewer'])
      expect(refused(await key.post('/users', somebody([role])))).toEqual([403, 'user_out_of_reach']);
    const all = bearer((await issue(acme.owner, ['*'])).key);
    expectStatus(await all.post('/users', somebody(['admin'])), 201);
  });

  it('answers the same whether it is mistyped, unknown, revoked, expired or a token besides', async () => {
    const mia = await acme.join('Mia', 'member');
    const revoked = await issue(mia, ['user.read']);
    const expired = await issue(mia, ['user.read']);
    expectStatus(await mia.delete(`/auth/api-keys/${revoked.id}`), 204);
    await app.owner.query(`UPDATE "${schema}".api_keys SET expires_at = now() WHERE id = $1`, [expired.id]);
    const unknown = formatApiKey(acme.id, randomBytes(32));
    const mistyped = unknown.replace(/.$/, (last: string) => (last === '0' ? '1' : '0'));
    const nobodys = formatApiKey(newId(), randomBytes(32));
    const sentences = new Set<string>();
    for (const text of [revoked.key, expired.key, unknown, mistyped, nobodys, 'pfk_', `${unknown}x`]) {
      const answer = await bearer(text).get('/users/me');
      expect([text, ...refused(answer)]).toEqual([text, 401, 'unauthenticated']);
      sentences.add(answer.error.message);
      expect((await acme.visitor.get('/users/me', { 'x-api-key': text })).status).toBe(text === nobodys ? 403 : 401);
    }
    expect(sentences.size).toBe(1);
    expect(refused(await mia.get('/users/me', { 'x-api-key': expired.key }))).toEqual([401, 'unauthenticated']);
    expect((await events('api_key.refused')).map((event) => event.target_id).sort()).toEqual(
      [revoked.id, expired.id].sort(),
    );
  });

  it('does not open another organisation', async () => {
    const globex = await signUp(app);
    const made = await issue(acme.owner, ['*']);
    expect(refused(await globex.visitor.as(made.key).get('/users/me'))).toEqual([403, 'tenant_mismatch']);
    const bent = made.key.replace(acme.id.replaceAll('-', ''), globex.id.replaceAll('-', ''));
    expect(refused(await globex.visitor.as(bent).get('/users/me'))).toEqual([401, 'unauthenticated']);
    // With a checksum that is right: the hash is over the whole text.
    const secret = Buffer.from(made.key.slice(37, 80), 'base64url');
    const forged = formatApiKey(globex.id, secret);
    expect(refused(await globex.visitor.as(forged).get('/users/me'))).toEqual([401, 'unauthenticated']);
    const foreign = (await issue(globex.owner, ['*'])).id;
    expect(refused(await acme.owner.get(`/auth/api-keys/${foreign}`))).toEqual([404, 'api_key_not_found']);
  });

  it('of somebody else cannot be seen, changed or revoked', async () => {
    const [mia, mike] = [await acme.join('Mia', 'member'), await acme.join('Mike', 'member')];
    const { id } = await issue(mia, ['user.read']);
    expect(expectStatus(await mike.get('/auth/api-keys'), 200).data).toEqual([]);
    for (const answer of [
      await mike.get(`/auth/api-keys/${id}`),
      await mike.patch(`/auth/api-keys/${id}`, { name: 'Mine' }),
      await mike.post(`/auth/api-keys/${id}/rotation`, {}),
      await mike.delete(`/auth/api-keys/${id}`),
    ])
      expect(refused(answer)).toEqual([404, 'api_key_not_found']);
  });

  it('ends everywhere within a second when it is revoked, or its owner deactivated, and does not come back', async () => {
    const mia = await acme.join('Mia', 'member');
    const [one, two] = [await issue(mia, ['user.read']), await issue(mia, ['user.read'])];
    const everywhere = async (key: string, status: number) => {
      for (const url of [app.url, second.url]) expect((await bearer(key, url).get('/users/me')).status).toBe(status);
    };
    await everywhere(one.key, 200);
    await everywhere(two.key, 200);
    expectStatus(await mia.delete(`/auth/api-keys/${one.id}`), 204);
    await eventually(() => everywhere(one.key, 401));
    await everywhere(two.key, 200);
    expectStatus(await acme.owner.patch(`/users/${mia.id}`, { active: false }), 200);
    await eventually(() => everywhere(two.key, 401));
    await eventually(async () => {
      const { rows } = await app.owner.query(`SELECT revoked_at FROM "${schema}".api_keys WHERE id = $1`, [two.id]);
      expect(rows[0].revoked_at).not.toBeNull();
    });
    expectStatus(await acme.owner.patch(`/users/${mia.id}`, { active: true }), 200);
    await everywhere(two.key, 401);
  });

  it('is rotated with an overlap, in which both texts work', async () => {
    const mia = await acme.join('Mia', 'member');
    const first = await issue(mia, ['user.read']);
    const next = expectStatus(await mia.post(`/auth/api-keys/${first.id}/rotation`, {}), 200).data;
    expect(next).toMatchObject({ id: first.id, scopes: ['user.read'], rotatedAt: expect.any(String) });
    expect(next.key).not.toBe(first.key);
    const overlap = (Date.parse(next.previousExpiresAt) - Date.parse(next.rotatedAt)) / 3_600_000;
    expect(Math.round(overlap)).toBe(24);
    for (const { key } of [first, next]) expectStatus(await bearer(key).get('/users/me'), 200);

    await app.owner.query(`UPDATE "${schema}".api_keys SET previous_expires_at = now() WHERE id = $1`, [first.id]);
    await eventually(async () => expect((await bearer(first.key).get('/users/me')).status).toBe(401));
    expectStatus(await bearer(next.key).get('/users/me'), 200);

    const last = expectStatus(await mia.post(`/auth/api-keys/${first.id}/rotation`, { overlapHours: 0 }), 200).data;
    await eventually(async () => expect((await bearer(next.key).get('/users/me')).status).toBe(401));
    expectStatus(await bearer(last.key).get('/users/me'), 200);
    const long = await mia.post(`/auth/api-keys/${first.id}/rotation`, { overlapHours: 169 });
    expect(long.error.details).toMatchObject([{ pointer: '/overlapHours', code: 'whole' }]);
  });

  it.each([
    ['a year and two days away', () => new Date(Date.now() + 368 * 86_400_000)],
    ['in the past', () => new Date(Date.now() - 1_000)],
  ])('does not expire %s', async (_, when) => {
    const body = { name: 'Build', scopes: ['user.read'], expiresAt: when().toISOString() };
    const answer = await acme.owner.post('/auth/api-keys', body);
    expect(answer.error.details).toMatchObject([{ pointer: '/expiresAt', code: 'expiry' }]);
  });

  it('is renamed with its version, and is one of twenty at most', async () => {
    const mia = await acme.join('Mia', 'member');
    const { id, version } = await issue(mia, ['user.read']);
    const path = `/auth/api-keys/${id}`;
    expect(expectStatus(await mia.patch(path, { name: 'Deploy' }, { 'if-match': `"${version}"` }), 200).data.name).toBe(
      'Deploy',
    );
    expect(refused(await mia.patch(path, { name: 'x' }, { 'if-match': `"${version}"` }))).toEqual([
      412,
      'version_mismatch',
    ]);
    for (let i = 1; i < 20; i += 1) await issue(mia, ['user.read']);
    const body = { name: 'One more', scopes: ['user.read'] };
    expect(refused(await mia.post('/auth/api-keys', body))).toEqual([409, 'too_many_api_keys']);
    expectStatus(await mia.delete(path), 204);
    expectStatus(await mia.post('/auth/api-keys', body), 201);
  });

  it('keeps to its own number of requests a minute, and says what is left', async () => {
    const { key, id } = await issue(acme.owner, ['user.read'], { requestsPerMinute: 2 });
    const answers = [];
    for (let i = 0; i < 3; i += 1) answers.push(await bearer(key).get('/users/me'));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 429]);
    expect(answers[0]!.headers.get('ratelimit-policy')).toBe('"key";q=2;w=60');
    expect(answers.map((answer) => /"key";r=(\d)/.exec(answer.headers.get('ratelimit')!)![1])).toEqual(['1', '0', '0']);
    expect(answers[2]!.error.code).toBe('key_rate_limited');
    expect(Number(answers[2]!.headers.get('retry-after'))).toBeGreaterThan(0);
    expectStatus(await acme.owner.patch(`/auth/api-keys/${id}`, { requestsPerMinute: null }), 200);
    await eventually(async () => expectStatus(await bearer(key).get('/users/me'), 200));
  });
});

describe('a service account', () => {
  let ada: Person;
  beforeAll(async () => {
    ada = await acme.join('Ada', 'admin');
  });

  const robot = async (roles = ['member'], person = ada) =>
    expectStatus(await person.post('/service-accounts', { name: 'Robot', roles }), 201).data;

  it('acts by its key, is assigned and named like people, and is none', async () => {
    const account = await robot();
    expect(account).toMatchObject({ name: 'Robot', roles: ['member'] });
    const { id } = await acme.project('Automated', [[Object.assign(ada, { id: account.id }), 'member']]);
    const wanted = { name: 'Build', scopes: ['task.read', 'task.create', 'project.read'] };
    const made = expectStatus(await acme.owner.post(`/service-accounts/${account.id}/api-keys`, wanted), 201);
    const key = bearer(made.data.key);
    const task = expectStatus(await key.post('/tasks', { projectId: id, title: 'Nightly' }), 201).data;
    expect(task.reporterId).toBe(account.id);
    expectStatus(await acme.owner.put(`/tasks/${task.id}/assignee`, { assigneeId: account.id }), 200);
    expect(expectStatus(await key.get('/users/me'), 200).data).toMatchObject({ id: account.id, kind: 'service' });
    const people = expectStatus(await acme.owner.get('/users?kind=service&limit=100'), 200).data;
    expect(people.map((each: any) => each.id)).toContain(account.id);
    expect(expectStatus(await acme.owner.get('/service-accounts'), 200).data).toMatchObject([{ id: account.id }]);
    expect((await acme.owner.get(`/service-accounts/${acme.owner.id}`)).error.code).toBe('service_account_not_found');
    expect(await events('service_account.created')).toMatchObject([{ target_id: account.id }]);
  });

  it('takes no place in the plan', async () => {
    const count = async () => expectStatus(await acme.owner.get('/tenants/current/subscription'), 200).data.used.users;
    const before = await count();
    expect(before).toBeGreaterThan(1);
    await robot();
    expect(await count()).toBe(before);
    await acme.join('Mike', 'member');
    expect(await count()).toBe(before + 1);
  });

  it('cannot be made an owner, given an address, or signed in by any session', async () => {
    expect(refused(await acme.owner.post('/service-accounts', { name: 'Robot', roles: ['owner'] }))).toEqual([
      403,
      'user_out_of_reach',
    ]);
    const account = await robot(['viewer'], acme.owner);
    const changes = [
      await acme.owner.put(`/users/${account.id}/roles`, { roles: ['owner'] }),
      await acme.owner.patch(`/users/${account.id}`, { email: 'robot@acme.test' }),
    ];
    for (const answer of changes) expect(refused(answer)).toEqual([403, 'user_out_of_reach']);
    // Not even a session that somebody put into the database, of which they hold the token.
    const session = newId();
    await app.owner.query(
      `INSERT INTO "${schema}".sessions (id, user_id, expires_at) VALUES ($1, $2, now() + interval '1 day')`,
      [session, account.id],
    );
    const { AccessTokens } = await import('../../src/auth/access-tokens.service.ts');
    const { ANONYMOUS } = await import('../../src/platform/access/actor.ts');
    const { TenantDirectory } = await import('../../src/platform/tenancy/tenant.types.ts');
    const tenant = (await app.nest.get(TenantDirectory).findById(acme.id))!;
    const actor = { ...ANONYMOUS, userId: account.id, sessionId: session };
    const { accessToken } = await app.nest.get(AccessTokens).sign(tenant, actor);
    expect((await new Client(app.url).as(accessToken).get('/users/me')).status).toBe(401);
  });

  it('and its keys are kept by those who stand no lower, and hand out no more than these have', async () => {
    const account = await robot(['admin'], acme.owner);
    const mary = await acme.join('Mary', 'manager');
    expect(refused(await mary.get('/service-accounts'))).toEqual([403, 'permission_denied']);
    const path = `/service-accounts/${account.id}/api-keys`;
    const admin = await acme.join('Alex', 'admin');
    const wide = { name: 'Everything', scopes: ['*'] };
    expect((await admin.post(path, wide)).error.details).toMatchObject([{ code: 'scope_refused' }]);
    const { id } = expectStatus(await acme.owner.post(path, wide), 201).data;
    // Rotating it would hand them the scopes that they could not give.
    expect((await admin.post(`${path}/${id}/rotation`, {})).error.details).toMatchObject([{ code: 'scope_refused' }]);
    expect(expectStatus(await acme.owner.get(`${path}/${id}`), 200).data.scopes).toEqual(['*']);
    const next = expectStatus(await acme.owner.post(`${path}/${id}/rotation`, {}), 200).data;
    expectStatus(await bearer(next.key).get('/users'), 200);
    expectStatus(await admin.delete(`${path}/${id}`), 204);
    await eventually(async () => expect((await bearer(next.key).get('/users')).status).toBe(401));
    expect((await acme.owner.get(path)).data).toEqual([]);
  });

  it('is changed and deleted; its keys end with it', async () => {
    const account = await robot(['member'], acme.owner);
    const path = `/service-accounts/${account.id}`;
    const changed = expectStatus(await acme.owner.patch(path, { name: 'Night robot', roles: ['viewer'] }), 200).data;
    expect(changed).toMatchObject({ name: 'Night robot', roles: ['viewer'] });
    const stale = await acme.owner.patch(path, { name: 'x' }, { 'if-match': `"${account.version}"` });
    expect(refused(stale)).toEqual([412, 'version_mismatch']);
    const body = { name: 'Build', scopes: ['task.read'] };
    const { key } = expectStatus(await acme.owner.post(`${path}/api-keys`, body), 201).data;
    expectStatus(await bearer(key).get('/users/me'), 200);
    expectStatus(await acme.owner.delete(path), 204);
    await eventually(async () => expect((await bearer(key).get('/users/me')).status).toBe(401));
    for (const answer of [await acme.owner.get(path), await acme.owner.post(`${path}/api-keys`, body)])
      expect(refused(answer)).toEqual([404, 'service_account_not_found']);
  });
});
