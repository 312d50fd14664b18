import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { PASSWORD, signUp, type TestTenant } from '../support/tenant.ts';

let one: TestApp;
let two: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  one = await startApp();
  two = await startApp({ settings: { WORKER: 'false' }, database: one.database });
});
beforeEach(async () => {
  acme = await signUp(one);
});
afterAll(async () => {
  await two.stop();
  await one.stop();
});

const SETTINGS = '/tenants/current/settings';
const newSlug = () => `r-${randomBytes(5).toString('hex')}`;

/** The owner without the slug that the organisation had at first: the token alone names it. */
const byToken = ({ owner }: TestTenant, app = one) => new Client(app.url).as(owner.accessToken);

/** What a slug leads to, on both instances. */
async function ledTo(slug: string): Promise<unknown[]> {
  return Promise.all(
    [one, two].map(async ({ url }) => {
      const answer = await new Client(url).get('/tenants/current', { 'x-tenant-domain': slug });
      const moved = answer.error?.code === 'tenant_renamed' && answer.error.details[0];
      if (moved) expect(moved).toMatchObject({ pointer: 'X-Tenant-Domain', code: 'renamed_to' });
      return moved ? `moved to ${moved.message}` : (answer.data?.slug ?? answer.error.code);
    }),
  );
}

async function rename(tenant: TestTenant, names: { name?: string; slug?: string }) {
  return expectStatus(await byToken(tenant).patch(SETTINGS, names), 200);
}

const schemaOf = async ({ id }: TestTenant) =>
  (await one.owner.query('SELECT schema_name, role_name, home FROM public.tenants WHERE id = $1', [id])).rows[0];

describe('an organisation that is renamed', () => {
  it('is found under its new slug at once and everywhere, with all its sessions and data where they were', async () => {
    const project = await acme.project('Kept');
    const before = await schemaOf(acme);
    expect(await ledTo(acme.slug)).toEqual([acme.slug, acme.slug]);
    const slug = newSlug();
    // Asked for before it exists: that there was nobody must not be remembered.
    expect(await ledTo(slug)).toEqual(['tenant_not_found', 'tenant_not_found']);
    const renamed = await rename(acme, { slug, name: 'Acme & Söhne' });
    expect(renamed.data).toMatchObject({ id: acme.id, slug, name: 'Acme & Söhne', version: 3 });
    await eventually(async () => expect(await ledTo(slug)).toEqual([slug, slug]));
    await eventually(async () => expect(await ledTo(acme.slug)).toEqual([`moved to ${slug}`, `moved to ${slug}`]));
    expect(await schemaOf(acme)).toEqual(before);
    for (const app of [one, two])
      expect((await byToken(acme, app).get(`/projects/${project.id}`)).data.name).toBe('Kept');
    const visitor = new Client(two.url, { 'x-tenant-domain': slug });
    expectStatus(await visitor.post('/auth/login', { email: acme.owner.email, password: PASSWORD }), 200);
    expectStatus(await visitor.post('/auth/refresh', { refreshToken: acme.owner.refreshToken }), 200);
    const old = expectStatus(
      await acme.visitor.post('/auth/login', { email: acme.owner.email, password: PASSWORD }),
      404,
    );
    expect(old.error.code).toBe('tenant_renamed');
  });

  it('says under each of its old slugs where it is now, also after it was renamed again', async () => {
    const [second, third] = [newSlug(), newSlug()];
    await rename(acme, { slug: second });
    await eventually(async () => expect(await ledTo(acme.slug)).toEqual(Array(2).fill(`moved to ${second}`)));
    await rename(acme, { slug: third });
    for (const old of [acme.slug, second])
      await eventually(async () => expect(await ledTo(old)).toEqual(Array(2).fill(`moved to ${third}`)));
  });

  it('keeps its old slug from others, can take it back, and gives up the oldest of more than ten', async () => {
    const globex = await signUp(one);
    const slug = newSlug();
    await rename(acme, { slug });
    const nobody = new Client(one.url);
    expect((await nobody.get(`/tenants/availability?slug=${acme.slug}`)).data.reason).toBe('taken');
    expect(await globex.owner.patch(SETTINGS, { slug: acme.slug })).toMatchObject({
      status: 409,
      error: { code: 'slug_taken', details: [{ pointer: '/slug', code: 'taken' }] },
    });
    const admin = { email: 'a@b.test', password: PASSWORD, firstName: 'A', lastName: 'B' };
    expect((await nobody.post('/tenants', { name: 'X', slug: acme.slug, admin })).error.code).toBe('slug_taken');
    await rename(acme, { slug: acme.slug });
    await eventually(async () => expect(await ledTo(acme.slug)).toEqual([acme.slug, acme.slug]));
    await eventually(async () => expect(await ledTo(slug)).toEqual(Array(2).fill(`moved to ${acme.slug}`)));
    for (let times = 0; times < 10; times += 1) await rename(acme, { slug: newSlug() });
    await eventually(async () => expect(await ledTo(slug)).toEqual(Array(2).fill('tenant_not_found')));
    expect((await rename(globex, { slug })).data.slug).toBe(slug);
  });

  it('insists on the version that the change is based on, when it is told', async () => {
    const read = expectStatus(await acme.owner.get(SETTINGS), 200);
    const etag = read.headers.get('etag')!;
    const first = await acme.owner.call('PATCH', SETTINGS, { body: { name: 'First' }, headers: { 'if-match': etag } });
    expect(expectStatus(first, 200).data.name).toBe('First');
    const late = await acme.owner.call('PATCH', SETTINGS, { body: { name: 'Late' }, headers: { 'if-match': etag } });
    expect(late).toMatchObject({ status: 412, error: { code: 'version_mismatch' } });
    expect((await acme.owner.get(SETTINGS)).data.name).toBe('First');
  });

  it('refuses what is no slug, and whoever may not', async () => {
    for (const [slug, code] of [
      ['www', 'slug_reserved'],
      ['xn--acme', 'slug_invalid'],
      ['A', 'pattern'],
      ['Acme!', 'pattern'],
    ])
      expect(await acme.owner.patch(SETTINGS, { slug })).toMatchObject({
        status: 400,
        error: { details: [{ pointer: '/slug', code }] },
      });
    const member = await acme.join('Mia', 'member');
    expectStatus(await member.patch(SETTINGS, { name: 'Mine' }), 403);
  });

  it('is one of two that want the same slug at the same moment', async () => {
    const globex = await signUp(one);
    const wanted = newSlug();
    const admin = { email: 'a@b.test', password: PASSWORD, firstName: 'A', lastName: 'B' };
    const answers = await Promise.all([
      acme.owner.patch(SETTINGS, { slug: wanted }),
      globex.owner.with({}).patch(SETTINGS, { slug: wanted }),
      new Client(two.url).post('/tenants', { name: 'X', slug: wanted, admin }),
    ]);
    expect(answers.filter((answer) => answer.status < 300)).toHaveLength(1);
    const losers = answers.filter((answer) => answer.status >= 300);
    expect(losers.map((answer) => [answer.status, answer.error.code])).toEqual(Array(2).fill([409, 'slug_taken']));
    // Whoever lost still has the slug that they had.
    for (const [i, tenant] of [acme, globex].entries())
      if (answers[i]!.status === 409) expectStatus(await tenant.owner.get(SETTINGS), 200);
  });

  it('reads its settings although this instance has not heard of the new slug yet', async () => {
    const slug = newSlug();
    expectStatus(await byToken(acme, two).get(SETTINGS), 200);
    await one.owner.query('UPDATE public.tenants SET slug = $2 WHERE id = $1', [acme.id, slug]);
    expect(expectStatus(await byToken(acme, two).get(SETTINGS), 200).data.slug).toBe(slug);
  });
});
