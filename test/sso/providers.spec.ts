import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '../support/app.ts';
import { expectStatus, type Answer } from '../support/client.ts';
import { signIn, signUp, type Person, type TestTenant } from '../support/tenant.ts';
import { Browser, beginning } from './browser.ts';

const app = await startApp({ settings: { PUBLIC_URL: 'https://api.example.com' } });
let acme: TestTenant;
let schema: string;
beforeAll(async () => {
  acme = await signUp(app);
  const { rows } = await app.owner.query('SELECT schema_name AS name FROM public.tenants WHERE id = $1', [acme.id]);
  schema = rows[0].name;
});
afterAll(() => app.stop());

const LIST = '/tenants/current/sign-in-providers';
const google = (fields: object = {}) => ({
  ...{ key: 'google', name: 'Google', kind: 'google', clientId: 'id', clientSecret: 'very secret' },
  ...fields,
});
const details = (answer: Answer) => answer.error.details.map(({ pointer, code }) => `${pointer} ${code}`);
const refused = (answer: Answer) => [answer.status, answer.error?.code];

describe('sign-in providers', () => {
  it('are made, read, changed with their version and deleted, and never tell their secret', async () => {
    const created = expectStatus(await acme.owner.post(LIST, google()), 201);
    expect(created.data).toMatchObject({
      ...{ key: 'google', kind: 'google', issuer: null, hasClientSecret: true, role: 'member', createUsers: false },
      ...{ enforced: false, enabled: true, callbackPath: '/api/v1/auth/oauth/google/callback' },
    });
    const { id, version } = created.data;
    const changes = { clientSecret: 'more secret', domains: ['Example.COM'], createUsers: true };
    const changed = expectStatus(await acme.owner.patch(`${LIST}/${id}`, changes, { 'if-match': `"${version}"` }), 200);
    expect(changed.data).toMatchObject({ domains: ['example.com'], createUsers: true, version: version + 1 });
    const stale = await acme.owner.patch(`${LIST}/${id}`, changes, { 'if-match': `"${version}"` });
    expect(refused(stale)).toEqual([412, 'version_mismatch']);
    const read = [await acme.owner.get(LIST), await acme.owner.get(`${LIST}/${id}`), created, changed];
    const { rows } = await app.owner.query(
      `SELECT t::text AS row FROM "${schema}".sign_in_providers t UNION ALL SELECT t::text FROM "${schema}".audit_events t`,
    );
    for (const secret of ['very secret', 'more secret'])
      expect(JSON.stringify([read.map(({ body }) => body), rows])).not.toContain(secret);
    expectStatus(await acme.owner.patch(`${LIST}/${id}`, { clientSecret: null }), 200);
    expect(expectStatus(await acme.owner.get(`${LIST}/${id}`), 200).data.hasClientSecret).toBe(false);
    expectStatus(await acme.owner.delete(`${LIST}/${id}`), 204);
    expect(refused(await acme.owner.get(`${LIST}/${id}`))).toEqual([404, 'sign_in_provider_not_found']);
    const { rows: events } = await app.owner.query(
      `SELECT action FROM "${schema}".audit_events WHERE target_id = $1 ORDER BY at, id`,
      [id],
    );
    expect(events.map((event) => event.action)).toEqual([
      'sign_in_provider.created',
      'sign_in_provider.updated',
      'sign_in_provider.updated',
      'sign_in_provider.deleted',
    ]);
  });

  it('are told to a sign-in page, with what else there is, and nothing more of them', async () => {
    const shown = async () => expectStatus(await acme.visitor.get('/tenants/current'), 200).data;
    const { id } = expectStatus(await acme.owner.post(LIST, google()), 201).data;
    const button = { key: 'google', name: 'Google', kind: 'google' };
    expect(await shown()).toMatchObject({ signInMethods: ['password', 'passkey', 'provider'], providers: [button] });
    expect((await shown()).providers).toEqual([button]);
    expectStatus(await acme.owner.patch(`${LIST}/${id}`, { enforced: true }), 200);
    expect(await shown()).toMatchObject({ signInMethods: ['provider'], providers: [button] });
    expectStatus(await acme.owner.patch(`${LIST}/${id}`, { enabled: false }), 200);
    expect(await shown()).toMatchObject({ signInMethods: ['password', 'passkey'], providers: [] });
    expectStatus(await acme.owner.delete(`${LIST}/${id}`), 204);
  });

  it.each<[string, object, string[]]>([
    ['an OpenID provider without an issuer', { kind: 'oidc' }, ['/issuer required']],
    ['Google with an issuer', { issuer: 'https://evil.test' }, ['/issuer not_needed']],
    ['an issuer that is no address', { kind: 'oidc', issuer: 'company' }, ['/issuer url']],
    ['an issuer with a query', { kind: 'oidc', issuer: 'https://a.test/?b=c' }, ['/issuer url']],
    ['an issuer without https', { kind: 'oidc', issuer: 'http://a.test' }, ['/issuer address_refused']],
    ['an issuer inside', { kind: 'oidc', issuer: 'https://169.254.169.254' }, ['/issuer address_refused']],
    ['an issuer on this machine', { kind: 'oidc', issuer: 'https://[::ffff:127.0.0.1]' }, ['/issuer address_refused']],
    ['Microsoft without a directory', { kind: 'microsoft' }, ['/directory directory']],
    ['Microsoft for everybody', { kind: 'microsoft', directory: 'Common' }, ['/directory directory']],
    ['Microsoft with a path', { kind: 'microsoft', directory: 'a/../common' }, ['/directory directory']],
    ['GitHub with a directory', { kind: 'github', directory: 'abc' }, ['/directory not_needed']],
    ['a role that there is not', { role: 'captain' }, ['/role unknown_role']],
    ['a key with capitals', { key: 'Google' }, ['/key pattern']],
    ['a kind of its own', { kind: 'saml' }, ['/kind choice']],
  ])('are not %s', async (_, fields, expected) => {
    const answer = expectStatus(await acme.owner.post(LIST, google(fields)), 400);
    expect(details(answer)).toEqual(expected);
  });

  it('have a key each, and are ten at most', async () => {
    const globex = await signUp(app);
    for (let i = 0; i < 10; i += 1) expectStatus(await globex.owner.post(LIST, google({ key: `p${i}` })), 201);
    expect(refused(await globex.owner.post(LIST, google()))).toEqual([409, 'too_many_sign_in_providers']);
    const [{ id }] = (await globex.owner.get(LIST)).data;
    expectStatus(await globex.owner.delete(`${LIST}/${id}`), 204);
    expect(refused(await globex.owner.post(LIST, google({ key: 'p5' })))).toEqual([409, 'sign_in_provider_taken']);
  });

  it('keep kind, issuer and key, on which identities hang', async () => {
    const { id } = expectStatus(await acme.owner.post(LIST, google({ key: 'fixed' })), 201).data;
    for (const change of [{ kind: 'oidc' }, { issuer: 'https://a.test' }, { key: 'other' }, { directory: 'x' }])
      expect(details(expectStatus(await acme.owner.patch(`${LIST}/${id}`, change), 400))).toEqual([
        `/${Object.keys(change)[0]} unknown_field`,
      ]);
  });

  it('are changed by owners alone, and make nobody an owner', async () => {
    await app.owner.query(
      `INSERT INTO "${schema}".roles (key, name, level, grants) VALUES ('security', 'Security', 40, ARRAY['tenant.security'])`,
    );
    const joined = await acme.join('Sam', 'member');
    expectStatus(await acme.owner.put(`/users/${joined.id}/roles`, { roles: ['security'] }), 200);
    const sam: Person = await signIn(acme.visitor, joined.email);
    // Whoever says who vouches for people could become anybody.
    expect(refused(await sam.post(LIST, google({ key: 'by-sam', role: 'viewer' })))).toEqual([403, 'owners_only']);
    const { id } = expectStatus(await acme.owner.post(LIST, google({ key: 'by-owner', role: 'viewer' })), 201).data;
    expect(refused(await sam.patch(`${LIST}/${id}`, { createUsers: true }))).toEqual([403, 'owners_only']);
    expect(refused(await sam.delete(`${LIST}/${id}`))).toEqual([403, 'owners_only']);
    expectStatus(await sam.get(`${LIST}/${id}`), 200);
    expectStatus(await acme.owner.patch(`${LIST}/${id}`, { role: 'admin' }), 200);
    expect(refused(await acme.owner.patch(`${LIST}/${id}`, { role: 'owner' }))).toEqual([403, 'newcomer_role_refused']);
  });

  it('are told to anybody by name and key alone', async () => {
    const globex = await signUp(app);
    expectStatus(await globex.owner.post(LIST, google({ enforced: true })), 201);
    expect(expectStatus(await globex.visitor.get('/auth/oauth'), 200).data).toEqual([
      { key: 'google', name: 'Google', kind: 'google', enforced: true },
    ]);
  });

  it('are reached under the public address, by a cookie for https and this host alone', async () => {
    const fields = { key: 'hub', kind: 'github' };
    expectStatus(await acme.owner.post(LIST, google(fields)), 201);
    const { location, cookies } = await new Browser().step(beginning(app, acme, 'hub'));
    expect(location!.href).toMatch(/^https:\/\/github[.]com\/login\/oauth\/authorize[?]/);
    expect(location!.searchParams.get('redirect_uri')).toBe('https://api.example.com/api/v1/auth/oauth/hub/callback');
    expect(cookies).toEqual([
      expect.stringMatching(
        /^__Host-pf_sign_in_\w{16}=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
      ),
    ]);
  });
});
