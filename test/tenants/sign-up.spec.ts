import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.ts';
import { Client } from '../support/client.ts';
import { PASSWORD, signUp } from '../support/tenant.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

const admin = { email: 'ada@acme.test', password: PASSWORD, firstName: 'Ada', lastName: 'Lovelace' };

describe('signing up', () => {
  it('answers with the tenant, its owner and tokens that work', async () => {
    const answer = await new Client(app.url).post('/tenants', { name: 'Acme', slug: 'acme', admin });
    expect(answer.status).toBe(201);
    expect(answer.data).toMatchObject({
      tenant: { name: 'Acme', slug: 'acme', status: 'active', plan: 'free' },
      user: { email: 'ada@acme.test', roles: ['owner'], active: true },
      expiresIn: 600,
    });
    const me = await new Client(app.url).as(answer.data.accessToken).get('/users/me');
    expect(me.data.email).toBe('ada@acme.test');
  });

  it('lets one of many win who want the same slug at the same moment, and leaves nothing of the others', async () => {
    const attempts = await Promise.all(
      Array.from({ length: 12 }, () => new Client(app.url).post('/tenants', { name: 'Race', slug: 'race', admin })),
    );
    expect(attempts.map((attempt) => attempt.status).sort()).toEqual([201, ...Array<number>(11).fill(409)]);
    const loser = attempts.find((attempt) => attempt.status === 409)!;
    expect(loser.error).toMatchObject({ code: 'slug_taken', details: [{ pointer: '/slug', code: 'taken' }] });
    const { rows } = await app.owner.query(`SELECT status FROM public.tenants WHERE slug = 'race'`);
    expect(rows).toEqual([{ status: 'active' }]);
    const known = await app.owner.query(
      `SELECT schema_name FROM public.tenants UNION SELECT schema_name FROM public.ready_schemas`,
    );
    const schemas = await app.owner.query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'`);
    expect(schemas.rows.map((row) => row.nspname).sort()).toEqual(known.rows.map((row) => row.schema_name).sort());
  });

  it('frees the slug when the owner cannot be made', async () => {
    const nul = await new Client(app.url).post('/tenants', {
      name: 'Nil',
      slug: 'nil-corp',
      admin: { ...admin, firstName: 'a\u0000b' },
    });
    expect(nul.status).toBe(400);
    expect((await signUp(app, 'nil-corp')).slug).toBe('nil-corp');
  });
});
