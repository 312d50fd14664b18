import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { TenantArchives } from '../../src/archives/tenant-archives.service.ts';
import { MovesService } from '../../src/moves/moves.service.ts';
import { PREAMBLE_BYTES } from '../../src/platform/archive/archive-format.ts';
import { FileStore } from '../../src/platform/files/file-store.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { drawing } from '../avatars/pictures.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startS3, type TestS3 } from '../support/s3.ts';
import { signIn, signUp, type TestTenant } from '../support/tenant.ts';
import { attached, download } from './files.ts';

describe.each(['on disk', 'in a bucket'])('files %s travel', (place) => {
  let s3: TestS3 | null;
  let app: TestApp;
  let archives: TenantArchives;
  let tenants: TenantsService;
  beforeAll(async () => {
    s3 = place === 'in a bucket' ? await startS3() : null;
    app = await startApp({ settings: s3?.settings });
    archives = app.nest.get(TenantArchives);
    tenants = app.nest.get(TenantsService);
  });
  afterAll(async () => {
    await app.stop();
    await s3?.stop();
  });

  const newSlug = () => `a-${randomBytes(5).toString('hex')}`;
  const keptFor = (tenantId: string) => app.nest.get(FileStore).sizeOf(tenantId);
  const members = (slug: string) => new Client(app.url, { 'x-tenant-domain': slug });

  async function organisation() {
    const acme = await signUp(app);
    const task = await acme.task((await acme.project('Website')).id);
    const large = randomBytes(3 * 1024 * 1024);
    const file = await attached(acme.owner, task.id, large, 'large.data');
    const picture = await attached(acme.owner, task.id, await drawing(400, 400).png().toBuffer(), 'a.png');
    const gone = await attached(acme.owner, task.id, 'gone', 'gone.txt');
    expectStatus(await acme.owner.delete(`/attachments/${gone.id}`), 204);
    return { acme, task, large, file, picture };
  }

  async function archiveOf({ slug }: TestTenant): Promise<Buffer> {
    const out = new PassThrough();
    const [bytes] = await Promise.all([
      buffer(out),
      archives.write(await tenants.getBySlug(slug), out, { secrets: true }),
    ]);
    return bytes;
  }

  async function expectBoth(who: Client, { large, file, picture }: Awaited<ReturnType<typeof organisation>>) {
    const whole = await download(who, `/attachments/${file.id}/file`);
    expect([whole.status, whole.content.equals(large)]).toEqual([200, true]);
    expect((await download(who, `/attachments/${picture.id}/thumbnail`)).status).toBe(200);
  }

  it('in an archive to a new organisation, which keeps them when the first one is gone', async () => {
    const made = await organisation();
    const archive = await archiveOf(made.acme);
    await app.nest.get(FileStore).removeAll(made.acme.id);
    const slug = newSlug();
    const { id } = await archives.import(Readable.from([archive]), { slug });
    await expectBoth(await signIn(members(slug), made.acme.owner.email), made);
    expect(await keptFor(made.acme.id)).toBe(0);
    expect(await keptFor(id)).toBeGreaterThan(made.large.length);
  });

  it('to a clone, which has its own', async () => {
    const made = await organisation();
    const { slug } = await archives.clone(made.acme.slug, { slug: newSlug() });
    const owner = await signIn(members(slug), made.acme.owner.email);
    expectStatus(await made.acme.owner.delete(`/attachments/${made.file.id}`), 204);
    await eventually(async () => expect(await keptFor(made.acme.id)).toBeLessThan(made.large.length));
    await expectBoth(owner, made);
  });

  it('back with a restore, of what was removed since', async () => {
    const made = await organisation();
    const { acme } = made;
    const archive = await archiveOf(acme);
    for (const { id } of [made.file, made.picture]) expectStatus(await acme.owner.delete(`/attachments/${id}`), 204);
    await eventually(async () => expect(await keptFor(acme.id)).toBe(0));
    await archives.restore(acme.slug, Readable.from([archive]));
    await expectBoth(await signIn(acme.visitor, acme.owner.email), made);
    await app.nest.get(MovesService).confirm(acme.slug);
  });

  it('and leave nothing when the archive is damaged', async () => {
    const { acme } = await organisation();
    const archive = await archiveOf(acme);
    const { rows: before } = await app.owner.query('SELECT count(*) FROM public.tenants');
    const damaged = withWrongSum(archive);
    const stored = jest.spyOn(app.nest.get(FileStore), 'takeOver');
    await expect(archives.import(Readable.from([damaged]), { slug: newSlug() })).rejects.toThrow();
    const [[newId] = []] = stored.mock.calls;
    stored.mockRestore();
    expect([newId === undefined, await keptFor(newId!)]).toEqual([false, 0]);
    expect((await app.owner.query('SELECT count(*) FROM public.tenants')).rows).toEqual(before);
    await app.nest.get(FileStore).removeAll(acme.id);
    await expect(archives.restore(acme.slug, Readable.from([damaged]))).rejects.toThrow();
    expect(await keptFor(acme.id)).toBe(0);
  });
});

/** The last sum of its manifest is another: it is noticed when all files have been stored. */
function withWrongSum(archive: Buffer): Buffer {
  const unpacked = gunzipSync(archive.subarray(PREAMBLE_BYTES));
  const at = unpacked.lastIndexOf('"sha256":"') + '"sha256":"'.length;
  unpacked.write(unpacked.toString('latin1', at, at + 1) === '0' ? '1' : '0', at);
  return Buffer.concat([archive.subarray(0, PREAMBLE_BYTES), gzipSync(unpacked)]);
}
