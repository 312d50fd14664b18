import { Secret, TOTP } from 'otpauth';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import pg from 'pg';
import { TenantArchives } from '../../src/archives/tenant-archives.service.ts';
import { ClustersService } from '../../src/clusters/clusters.service.ts';
import { MovesService } from '../../src/moves/moves.service.ts';
import { SchemaManager } from '../../src/platform/database/schema-manager.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { inPieces } from '../archive/archives.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { rowsOf } from '../support/rows-of.ts';
import { PASSWORD, signIn, signUp, type TestTenant } from '../support/tenant.ts';

let app: TestApp;
let second: TestDatabase;
let elsewhere: pg.Pool;
let archives: TenantArchives;
let tenants: TenantsService;
let acme: TestTenant;
beforeAll(async () => {
  app = await startApp();
  second = await createDatabase();
  elsewhere = new pg.Pool({ connectionString: second.url, max: 2 });
  elsewhere.on('error', () => undefined);
  archives = app.nest.get(TenantArchives);
  tenants = app.nest.get(TenantsService);
  await app.nest.get(ClustersService).add({ name: 'second', url: second.url });
  // What is not put there by name lives on the main one.
  await app.nest.get(ClustersService).change('second', { accepts: false });
});
beforeEach(async () => {
  acme = await signUp(app);
  const project = await acme.project('Apollo', [[await acme.join('Mia', 'member'), 'member']]);
  const parent = await acme.task(project.id, {
    title: 'Back\\\\N slash é',
    description: 'Line\nbreak\t\\N é',
    tags: ['a,b', '"'],
  });
  await acme.task(project.id, { parentId: parent.id });
  expectStatus(await acme.owner.post(`/tasks/${parent.id}/comments`, { body: 'Go' }), 201);
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(async () => {
  await elsewhere.end();
  await app.nest.close();
  await second.drop();
  await app.stop();
});

const newSlug = () => `a-${randomBytes(5).toString('hex')}`;
const SIGNED_IN = ['sessions', 'tokens'];

async function archiveOf(slug: string, secrets = true): Promise<Buffer> {
  const out = new PassThrough();
  const [bytes] = await Promise.all([buffer(out), archives.write(await tenants.getBySlug(slug), out, { secrets })]);
  return bytes;
}

async function contentsOf(slug: string, without: string[] = []): Promise<Record<string, string[]>> {
  const { binding } = await tenants.getBySlug(slug);
  const rows = await rowsOf(binding.cluster === 'second' ? elsewhere : app.owner, binding.schema);
  return Object.fromEntries(Object.entries(rows).filter(([table]) => ![...without, 'migrations'].includes(table)));
}

/** Everything that a failed import could leave: schemas, roles, entries and names, on both databases. */
async function leftovers(): Promise<unknown> {
  const SCHEMAS = `SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 't\\_%'
                   EXCEPT SELECT schema_name FROM public.ready_schemas WHERE state = 'ready' ORDER BY 1`;
  const found = await Promise.all([
    app.owner.query(SCHEMAS),
    elsewhere.query(`SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 't\\_%' ORDER BY 1`),
    app.owner.query(`SELECT schema_name FROM public.ready_schemas WHERE state = 'making'`),
    app.owner.query('SELECT slug FROM public.tenants ORDER BY 1'),
    app.owner.query('SELECT tenant_id FROM public.subscriptions ORDER BY 1'),
  ]);
  return found.map(({ rows }) => rows);
}

const visitorOf = (slug: string) => new Client(app.url, { 'x-tenant-domain': slug });

describe('a backup', () => {
  it.each(['main', 'second'])(
    'is made a new tenant on %s, row by row, where everybody signs in as before',
    async (cluster) => {
      const slug = newSlug();
      const heard: [number, number][] = [];
      const bytes = await archiveOf(acme.slug);
      const made = await archives.import(inPieces(bytes), { slug, cluster }, (done, total) =>
        heard.push([done, total]),
      );
      expect(made).toMatchObject({ slug, name: `Tenant ${acme.slug}`, status: 'active', binding: { cluster } });
      expect(await contentsOf(slug, SIGNED_IN)).toEqual(await contentsOf(acme.slug, SIGNED_IN));
      expect(heard.at(-1)![0]).toBe(heard.at(-1)![1]);
      // Nobody brings a session along.
      expect(await contentsOf(slug)).toMatchObject({ sessions: [], tokens: [] });
      const owner = await signIn(visitorOf(slug), acme.owner.email);
      const { data: projects } = expectStatus(await owner.get('/projects'), 200);
      expect(projects).toMatchObject([{ name: 'Apollo' }]);
      expectStatus(await owner.post('/tasks', { projectId: projects[0].id, title: 'More' }), 201);
      expect(await visitorOf(slug).as(acme.owner.accessToken).get('/projects')).toMatchObject({ status: 403 });
      expectStatus(await acme.owner.get('/projects'), 200);
      if (cluster === 'second') {
        // And back: what lives there can be written and cloned as well.
        const back = newSlug();
        await archives.clone(slug, { slug: back, cluster: 'main' });
        expect(await contentsOf(back, SIGNED_IN)).toEqual(await contentsOf(slug, SIGNED_IN));
        await archives.verify(inPieces(await archiveOf(slug)));
      }
    },
  );

  it('is put back over what was changed since, exactly, and what there was before is kept until it is confirmed', async () => {
    const bytes = await archiveOf(acme.slug);
    const [before, place] = [await contentsOf(acme.slug), (await tenants.getBySlug(acme.slug)).binding];
    const { data: projects } = await acme.owner.get('/projects');
    await acme.task(projects[0].id, { title: 'Later' });
    expectStatus(await acme.owner.patch(`/projects/${projects[0].id}`, { name: 'Gemini' }), 200);
    await acme.join('Late', 'member');
    const changed = await contentsOf(acme.slug);
    expect(changed).not.toEqual(before);
    const restored = await archives.restore(acme.slug, inPieces(bytes));
    expect(restored).toMatchObject({ slug: acme.slug, rows: expect.any(Number), archivedAt: expect.any(String) });
    expect(await contentsOf(acme.slug)).toEqual(before);
    const after = await tenants.getBySlug(acme.slug);
    expect(after).toMatchObject({ id: acme.id, status: 'active' });
    expect(after.binding.schema).not.toBe(place.schema);
    await eventually(async () => expect((await acme.owner.get('/projects')).data).toMatchObject([{ name: 'Apollo' }]));
    // What it had before is there, and a second restore must not put a second copy beside it.
    const kept = await rowsOf(app.owner, place.schema);
    delete kept['migrations'];
    expect(kept).toEqual(changed);
    await expect(archives.restore(acme.slug, inPieces(bytes))).rejects.toMatchObject({ code: 'move_open' });
    await app.nest.get(MovesService).confirm(acme.slug);
    expect(await rowsOf(app.owner, place.schema)).toEqual({});
    expectStatus(await acme.owner.get('/projects'), 200);
  });
});

describe('an export', () => {
  it('is made a new tenant without passwords, and is not put back over one with passwords', async () => {
    const bytes = await archiveOf(acme.slug, false);
    const slug = newSlug();
    await archives.import(inPieces(bytes), { slug, name: 'Copied', plan: 'pro' });
    expect(await tenants.getBySlug(slug)).toMatchObject({ name: 'Copied', plan: 'pro' });
    const without = [...SIGNED_IN, 'users', 'credentials'];
    expect(await contentsOf(slug, without)).toEqual(await contentsOf(acme.slug, without));
    const login = { email: acme.owner.email, password: PASSWORD };
    expectStatus(await visitorOf(slug).post('/auth/login', login), 401);
    const was = await contentsOf(acme.slug);
    await expect(archives.restore(acme.slug, inPieces(bytes))).rejects.toMatchObject({
      code: 'archive_without_passwords',
    });
    expect(await contentsOf(acme.slug)).toEqual(was);
    expectStatus(await acme.owner.get('/projects'), 200);
  });
});

describe('a clone', () => {
  it.each(['main', 'second'])('on %s has the same contents, and goes its own way', async (cluster) => {
    const slug = newSlug();
    await archives.clone(acme.slug, { slug, cluster });
    expect(await contentsOf(slug, SIGNED_IN)).toEqual(await contentsOf(acme.slug, SIGNED_IN));
    const owner = await signIn(visitorOf(slug), acme.owner.email);
    expectStatus(await owner.post('/projects', { name: 'Its own' }), 201);
    expect((await acme.owner.get('/projects')).data).toHaveLength(1);
    expect((await owner.get('/projects')).data).toHaveLength(2);
  });
});

describe('a second factor', () => {
  it('is the same in a copy of the organisation', async () => {
    const person = await acme.join('Tia', 'member');
    const { secret } = expectStatus(await person.post('/auth/mfa/totp'), 200).data;
    const app = new TOTP({ secret: Secret.fromBase32(secret) });
    expectStatus(
      await person.post('/auth/mfa/totp/confirm', { code: app.generate({ timestamp: Date.now() - 30_000 }) }),
      200,
    );
    const slug = newSlug();
    await archives.clone(acme.slug, { slug, cluster: 'main' });
    const there = visitorOf(slug);
    const step = expectStatus(await there.post('/auth/login', { email: person.email, password: PASSWORD }), 200).data;
    const answer = await there.post('/auth/mfa/totp/verify', { mfaToken: step.mfaToken, code: app.generate() });
    expect(expectStatus(answer, 200).data.user.email).toBe(person.email);
  });
});

describe('what cannot be loaded', () => {
  it.each([
    ['ends too early', (bytes: Buffer) => bytes.subarray(0, bytes.length - 200)],
    ['is no archive', () => Buffer.from('PK\x03\x04 something else altogether')],
    [
      'was changed',
      (bytes: Buffer) => {
        const changed = Buffer.from(bytes);
        changed[Math.floor(bytes.length / 2)]! ^= 0x55;
        return changed;
      },
    ],
  ])('because it %s leaves nothing behind', async (_, spoil) => {
    const bytes = spoil(await archiveOf(acme.slug));
    const before = await leftovers();
    const slug = newSlug();
    for (const cluster of ['main', 'second'])
      await expect(archives.import(inPieces(bytes), { slug, cluster })).rejects.toThrow();
    const was = await contentsOf(acme.slug);
    await expect(archives.restore(acme.slug, inPieces(bytes))).rejects.toThrow();
    expect(await leftovers()).toEqual(before);
    expect((await new Client(app.url).get(`/tenants/availability?slug=${slug}`)).data.available).toBe(true);
    expect(await contentsOf(acme.slug)).toEqual(was);
    expectStatus(await acme.owner.get('/projects'), 200);
    const { rows } = await app.owner.query(
      `SELECT count(*)::int AS open FROM public.tenant_moves WHERE tenant_id = $1 AND state IN ('copying', 'switched')`,
      [acme.id],
    );
    expect(rows).toEqual([{ open: 0 }]);
  });

  it('because of its name, plan or place is refused before the long work', async () => {
    const bytes = await archiveOf(acme.slug);
    const making = jest.spyOn(app.nest.get(SchemaManager), 'provisionFor');
    const slug = newSlug();
    for (const [wanted, code] of [
      [{ slug: acme.slug }, 'slug_taken'],
      [{ slug: 'www' }, 'validation_failed'],
      [{ slug, plan: 'gold' }, 'plan_not_found'],
      [{ slug, cluster: 'third' }, 'cluster_not_found'],
      [{ slug, region: 'mars' }, 'no_cluster'],
    ] as const) {
      await expect(archives.import(inPieces(bytes), wanted)).rejects.toMatchObject({ code });
      await expect(archives.clone(acme.slug, wanted)).rejects.toMatchObject({ code });
    }
    await expect(archives.clone('nobody-here', { slug })).rejects.toMatchObject({ code: 'tenant_not_found' });
    await expect(archives.restore('nobody-here', Readable.from([bytes]))).rejects.toMatchObject({ kind: 'missing' });
    expect(making).not.toHaveBeenCalled();
  });

  it('because its slug was taken meanwhile leaves nothing behind', async () => {
    const bytes = await archiveOf(acme.slug);
    const slug = newSlug();
    const schemas = app.nest.get(SchemaManager);
    const provisionFor = schemas.provisionFor.bind(schemas);
    jest.spyOn(schemas, 'provisionFor').mockImplementationOnce(async (...place) => {
      await signUp(app, slug);
      return provisionFor(...place);
    });
    await expect(archives.import(inPieces(bytes), { slug })).rejects.toMatchObject({ code: 'slug_taken' });
    const { rows } = await app.owner.query(
      `SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%'
       EXCEPT (SELECT schema_name FROM public.tenants UNION SELECT schema_name FROM public.ready_schemas WHERE state = 'ready'
               UNION SELECT from_place->>'schema' FROM public.tenant_moves WHERE state = 'switched')`,
    );
    expect(rows).toEqual([]);
  });
});
