import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { PASSWORD, signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
  acme = await signUp(app);
});
afterAll(() => app.stop());

const ada = { email: 'Ada@Example.test', firstName: 'Ada', lastName: 'Lovelace' };

describe('a person', () => {
  it('is added with roles, shown, listed and found by address in any case', async () => {
    const created = expectStatus(await acme.owner.post('/users', { ...ada, roles: ['manager', 'viewer'] }), 201);
    expect(created.data).toMatchObject({
      ...ada,
      active: true,
      roles: ['manager', 'viewer'],
      lastLoginAt: null,
      version: 1,
    });
    expect(created.headers.get('location')).toBe(`/api/v1/users/${created.data.id}`);
    expect((await acme.owner.get(`/users/${created.data.id}`)).data).toEqual(created.data);
    expect((await acme.owner.get('/users?email=ADA@EXAMPLE.TEST')).data.map((user: any) => user.id)).toEqual([
      created.data.id,
    ]);
  });

  it('is found by what they are called, in full or in part, by those who may see people', async () => {
    const { data } = expectStatus(
      await acme.owner.post('/users', { email: 'zoe@example.test', firstName: 'Zoë', lastName: 'van Dam' }),
      201,
    );
    const found = async (query: string) =>
      expectStatus(await acme.owner.get(`/users?${query}`), 200).data.map((user: any) => user.id);
    for (const query of ['name=Zoë van Dam', 'name[contains]=zoe van', 'firstName=Zoë', 'lastName[contains]=DAM'])
      expect([query, await found(query)]).toEqual([query, [data.id]]);
    expect(await found('name=Zoë')).toEqual([]);
    const filter = encodeURIComponent(JSON.stringify({ name: { contains: 'oë v' }, active: true }));
    expect(await found(`filter=${filter}`)).toEqual([data.id]);
    expect((await found('sort=-name'))[0]).toBe(data.id);
    expect((await acme.owner.post('/service-accounts', { name: 'Zapier', roles: ['viewer'] })).status).toBe(201);
    expect(await found('name=Zapier')).toHaveLength(1);
    const gus = await acme.join('Gus', 'guest');
    expect((await gus.get('/users?name[contains]=zo')).status).toBe(403);
  });

  it('is a member when no role is given, and cannot sign in without a password', async () => {
    const { data } = expectStatus(
      await acme.owner.post('/users', { email: 'bo@example.test', firstName: 'Bo', lastName: 'Ek' }),
      201,
    );
    expect(data.roles).toEqual(['member']);
    expect((await acme.visitor.post('/auth/login', { email: 'bo@example.test', password: PASSWORD })).status).toBe(401);
  });

  it('needs an address nobody else has, in whatever case', async () => {
    const answer = await acme.owner.post('/users', { ...ada, email: 'ada@example.TEST' });
    expect(answer).toMatchObject({ status: 409, error: { code: 'email_taken', details: [{ pointer: '/email' }] } });
    const bo = (await acme.owner.get('/users?email=bo@example.test')).data[0];
    expect((await acme.owner.patch(`/users/${bo.id}`, { email: 'ADA@example.test' })).status).toBe(409);
  });

  it('is refused with an unknown role, and nothing is half-written', async () => {
    const answer = await acme.owner.post('/users', {
      email: 'eve@example.test',
      firstName: 'Eve',
      lastName: 'X',
      roles: ['member', 'wizard'],
    });
    expect(answer).toMatchObject({ status: 400, error: { details: [{ pointer: '/roles/1', code: 'unknown_role' }] } });
    expect((await acme.owner.get('/users?email=eve@example.test')).data).toEqual([]);
  });

  it('is updated, and only by whoever saw the newest version when they insist', async () => {
    const bo = (await acme.owner.get('/users?email=bo@example.test')).data[0];
    const updated = expectStatus(
      await acme.owner.patch(`/users/${bo.id}`, { firstName: 'Boel' }, { 'if-match': `"${bo.version}"` }),
      200,
    );
    expect(updated.data).toMatchObject({ firstName: 'Boel', lastName: 'Ek', version: bo.version + 1 });
    expect(
      await acme.owner.patch(`/users/${bo.id}`, { firstName: 'B' }, { 'if-match': `"${bo.version}"` }),
    ).toMatchObject({ status: 412, error: { code: 'version_mismatch' } });
  });

  it('gets exactly the roles that are put', async () => {
    const bo = (await acme.owner.get('/users?email=bo@example.test')).data[0];
    expect(expectStatus(await acme.owner.put(`/users/${bo.id}/roles`, { roles: ['viewer'] }), 200).data.roles).toEqual([
      'viewer',
    ]);
    expect((await acme.owner.put(`/users/${bo.id}/roles`, { roles: [] })).status).toBe(400);
  });

  it('changes their own name and nothing else about themselves', async () => {
    const vera = await acme.join('Vera', 'viewer');
    expect(expectStatus(await vera.patch('/users/me', { firstName: 'Veronika' }), 200).data.firstName).toBe('Veronika');
    expect((await vera.patch('/users/me', { active: false })).status).toBe(400);
    expect((await vera.patch(`/users/${vera.id}`, { firstName: 'V' })).status).toBe(403);
  });

  it('is shut out within a second of being deactivated', async () => {
    const max = await acme.join('Max', 'member');
    expectStatus(await max.get('/users/me'), 200);
    expectStatus(await acme.owner.patch(`/users/${max.id}`, { active: false }), 200);
    await eventually(async () => expectStatus(await max.get('/users/me'), 401));
    expect((await acme.visitor.post('/auth/refresh', { refreshToken: max.refreshToken })).status).toBe(401);
    expect((await acme.visitor.post('/auth/login', { email: max.email, password: PASSWORD })).status).toBe(401);
  });

  it('has a new role within a second', async () => {
    const mia = await acme.join('Mia', 'viewer');
    expect((await mia.get('/users')).status).toBe(403);
    expectStatus(await acme.owner.put(`/users/${mia.id}/roles`, { roles: ['member'] }), 200);
    await eventually(async () => expectStatus(await mia.get('/users'), 200));
  });
});

describe('the last owner', () => {
  it('cannot be deactivated or lose the role', async () => {
    const tenant = await signUp(app);
    const second = await tenant.join('Second', 'owner');
    expect((await tenant.owner.patch(`/users/${tenant.owner.id}`, { active: false })).status).toBe(403);
    expectStatus(await second.patch(`/users/${tenant.owner.id}`, { active: false }), 200);
    expect(await second.put(`/users/${second.id}/roles`, { roles: ['admin'] })).toMatchObject({
      status: 409,
      error: { code: 'last_owner' },
    });
  });
});

describe('roles', () => {
  it('are the six built-in ones', async () => {
    const { data } = expectStatus(await acme.owner.get('/roles'), 200);
    expect(data.map((role: any) => [role.key, role.level])).toEqual([
      ['owner', 50],
      ['admin', 40],
      ['manager', 30],
      ['member', 20],
      ['viewer', 10],
      ['guest', 5],
    ]);
  });
});
