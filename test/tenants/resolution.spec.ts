import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { getWithHost } from '../support/hosts.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';

let app: TestApp;
let acme: TestTenant;
let globex: TestTenant;
let nobody: Client;
beforeAll(async () => {
  app = await startApp();
  [acme, globex] = [await signUp(app, 'acme'), await signUp(app, 'globex')];
  nobody = new Client(app.url);
});
afterAll(() => app.stop());

describe('the tenant of a request', () => {
  it.each(['acme', 'ACME', ' acme ', 'acme.localhost'])(
    'is named by the header X-Tenant-Domain: %j',
    async (header) => {
      const answer = await nobody.get('/tenants/current', { 'x-tenant-domain': header });
      expect(answer.data).toEqual({
        ...{ name: 'Tenant acme', slug: 'acme' },
        ...{ signInMethods: ['password', 'passkey'], providers: [] },
      });
    },
  );

  it('is named by the subdomain', async () => {
    expect(await getWithHost(app.url, '/tenants/current', 'acme.localhost:3000')).toMatchObject({
      status: 200,
      body: { data: { slug: 'acme' } },
    });
    expect(await getWithHost(app.url, '/tenants/current', 'ACME.localhost')).toMatchObject({
      status: 200,
      body: { data: { slug: 'acme' } },
    });
  });

  it('is named by ?tenant= on a GET, and only there', async () => {
    expect((await nobody.get('/tenants/current?tenant=acme')).data.slug).toBe('acme');
    const login = await nobody.post('/auth/login?tenant=acme', { email: 'a@b.test', password: 'x' });
    expect(login.error.code).toBe('tenant_required');
  });

  it('is the header’s before the subdomain’s before the query’s', async () => {
    const header = await getWithHost(app.url, '/tenants/current?tenant=globex', 'globex.localhost', {
      'x-tenant-domain': 'acme',
    });
    expect(header.body.data.slug).toBe('acme');
    const host = await getWithHost(app.url, '/tenants/current?tenant=globex', 'acme.localhost');
    expect(host.body.data.slug).toBe('acme');
  });

  it('is the token’s when nothing else names one', async () => {
    expect((await nobody.as(acme.owner.accessToken).get('/users/me')).data.email).toBe(acme.owner.email);
  });

  it('is not looked for in a subdomain that no tenant can have', async () => {
    const token = { authorization: `Bearer ${acme.owner.accessToken}` };
    expect(await getWithHost(app.url, '/users/me', 'api.localhost', token)).toMatchObject({
      status: 200,
      body: { data: { email: acme.owner.email } },
    });
    expect(await getWithHost(app.url, '/tenants/current', 'www.localhost')).toMatchObject({
      status: 400,
      body: { error: { code: 'tenant_required' } },
    });
  });

  it('is demanded when nothing names one', async () => {
    expect(await nobody.get('/tenants/current')).toMatchObject({ status: 400, error: { code: 'tenant_required' } });
    expect(await nobody.get('/users/me')).toMatchObject({ status: 400, error: { code: 'tenant_required' } });
  });

  it.each(['nowhere', 'acme.example.com', 'a b', '..', '%00', "acme'--", 'x'.repeat(300), '@tenant'])(
    'that is unknown answers 404: %j',
    async (header) => {
      expect(await nobody.get('/tenants/current', { 'x-tenant-domain': header })).toMatchObject({
        status: 404,
        error: { code: 'tenant_not_found' },
      });
    },
  );

  it('answers 403 to another tenant’s token', async () => {
    const spoofed = acme.owner.with({ 'x-tenant-domain': 'globex' });
    expect(await spoofed.get('/users/me')).toMatchObject({ status: 403, error: { code: 'tenant_mismatch' } });
    expect(await spoofed.get('/projects')).toMatchObject({ status: 403, error: { code: 'tenant_mismatch' } });
  });
});

describe('a suspended tenant', () => {
  it('answers 403 to everything, its neighbours as before, and is served again when resumed', async () => {
    const service = app.nest.get(TenantsService);
    await service.suspend('globex');
    await eventually(async () => {
      for (const answer of [
        await globex.owner.get('/users/me'),
        await nobody.as(globex.owner.accessToken).get('/users/me'),
        await globex.visitor.get('/tenants/current'),
        await globex.visitor.post('/auth/login', { email: globex.owner.email, password: 'x' }),
        await nobody.post('/auth/refresh', { refreshToken: globex.owner.refreshToken }),
      ]) {
        expect(answer).toMatchObject({ status: 403, error: { code: 'tenant_suspended' } });
      }
    });
    expectStatus(await acme.owner.get('/users/me'), 200);
    await service.resume('globex');
    await eventually(async () => expectStatus(await globex.owner.get('/users/me'), 200));
  });
});

describe('the availability of a slug', () => {
  it.each([
    ['acme', false, 'taken'],
    ['www', false, 'reserved'],
    ['A', false, 'invalid'],
    ['brand-new', true, null],
  ])('of %j is %s (%s)', async (slug, available, reason) => {
    expect((await nobody.get(`/tenants/availability?slug=${slug}`)).data).toEqual({ slug, available, reason });
  });

  it('cannot be asked without a slug', async () => {
    expect(await nobody.get('/tenants/availability')).toMatchObject({
      status: 400,
      error: { details: [{ pointer: '?slug' }] },
    });
  });

  it('decides sign-up as well', async () => {
    const admin = { email: 'a@b.test', password: 'a rather long password', firstName: 'A', lastName: 'B' };
    const reserved = await nobody.post('/tenants', { name: 'X', slug: 'www', admin });
    expect(reserved).toMatchObject({ status: 400, error: { details: [{ pointer: '/slug', code: 'slug_reserved' }] } });
  });
});
