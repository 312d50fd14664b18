import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FileStore } from '../../src/platform/files/file-store.ts';
import { UsageService } from '../../src/subscriptions/usage.service.ts';
import { TenantDeletionService } from '../../src/tenants/tenant-deletion.service.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { TenantDirectory } from '../../src/platform/tenancy/tenant.types.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startS3, type TestS3 } from '../support/s3.ts';
import { sqlOf } from '../support/sql.ts';
import { signUp } from '../support/tenant.ts';
import { formOf } from '../support/upload.ts';
import { downloadOf, drawing } from './pictures.ts';

const picture = async () => formOf(await drawing(40, 40).png().toBuffer());

describe('pictures in a bucket', () => {
  let s3: TestS3;
  let app: TestApp;
  beforeAll(async () => {
    s3 = await startS3();
    app = await startApp({ settings: s3.settings });
  });
  afterAll(async () => {
    await app.stop();
    await s3.stop();
  });

  it('are put, read, replaced and counted, below the id of their organisation', async () => {
    const { owner, id } = await signUp(app);
    const store = app.nest.get(FileStore);
    expectStatus(await owner.call('PUT', '/users/me/avatar', { body: await picture() }), 200);
    const first = await downloadOf(owner, `/users/${owner.id}/avatar`);
    expect(await store.sizeOf(id)).toBe(first.content.length);
    expectStatus(
      await owner.call('PUT', '/users/me/avatar', { body: formOf(await drawing(9, 9).negate().png().toBuffer()) }),
      200,
    );
    const second = await downloadOf(owner, `/users/${owner.id}/avatar`);
    expect(second.content.equals(first.content)).toBe(false);
    await eventually(async () => expect(await store.sizeOf(id)).toBe(second.content.length));
    const tenant = (await app.nest.get(TenantDirectory).findById(id))!;
    expect((await app.nest.get(UsageService).measure(tenant)).storageBytes).toBeGreaterThan(second.content.length);
  });

  it('go with their organisation, and leave those of others', async () => {
    const [acme, globex] = [await signUp(app), await signUp(app)];
    for (const { owner } of [acme, globex])
      expectStatus(await owner.call('PUT', '/users/me/avatar', { body: await picture() }), 200);
    const deletion = app.nest.get(TenantDeletionService);
    await deletion.delete(acme.slug);
    await deletion.purge(acme.slug, acme.slug);
    expect(await app.nest.get(FileStore).sizeOf(acme.id)).toBe(0);
    await downloadOf(globex.owner, `/users/${globex.owner.id}/avatar`);
  });

  it('answer 404 when the file is gone', async () => {
    const { owner, id } = await signUp(app);
    expectStatus(await owner.call('PUT', '/users/me/avatar', { body: await picture() }), 200);
    await app.nest.get(FileStore).removeAll(id);
    const answer = await owner.get(`/users/${owner.id}/avatar`);
    expect([answer.status, answer.error.code]).toEqual([404, 'avatar_not_found']);
  });
});

describe('a bucket that is away', () => {
  it('refuses pictures for the moment, and changes nothing', async () => {
    const s3 = await startS3();
    const app = await startApp({ settings: s3.settings });
    try {
      const { owner } = await signUp(app);
      await s3.stop();
      const answer = await owner.call('PUT', '/users/me/avatar', { body: await picture() });
      expect([answer.status, answer.error.code, answer.headers.get('retry-after')]).toEqual([503, 'files_away', '5']);
      expect(expectStatus(await owner.get('/users/me'), 200).data.avatarUrl).toBeNull();
    } finally {
      await app.stop();
    }
  });
});

describe('uploads', () => {
  it('are ten an hour for a person, whatever becomes of them', async () => {
    const app = await startApp({ settings: { RATE_LIMIT_ENABLED: 'true', RATE_LIMIT_UPLOADS: '2' } });
    try {
      const acme = await signUp(app);
      const mia = await acme.join('Mia', 'member');
      const put = async (form: FormData) => acme.owner.call('PUT', '/users/me/avatar', { body: form });
      expectStatus(await put(formOf(Buffer.from('no picture'))), 400);
      expectStatus(await put(await picture()), 200);
      const answer = await put(await picture());
      expect([answer.status, answer.error.code]).toEqual([429, 'rate_limited']);
      expectStatus(await mia.call('PUT', '/users/me/avatar', { body: await picture() }), 200);
    } finally {
      await app.stop();
    }
  });

  it('are refused when the storage of the plan is used up, and leave no file when their row is not written', async () => {
    const app = await startApp();
    try {
      const acme = await signUp(app);
      const sql = await sqlOf(app, acme);
      await sql(`ALTER TABLE "@tenant".users ADD CONSTRAINT no_picture CHECK (avatar IS NULL)`);
      const failed = await acme.owner.call('PUT', '/users/me/avatar', { body: await picture() });
      expect([failed.status, failed.error.code]).toEqual([500, 'internal_error']);
      expect(await app.nest.get(FileStore).sizeOf(acme.id)).toBe(0);
      await sql(`ALTER TABLE "@tenant".users DROP CONSTRAINT no_picture`);
      await app.owner.query(
        `UPDATE public.tenants SET limits = '{"storageBytes": 1}', storage_bytes = 2 WHERE id = $1`,
        [acme.id],
      );
      await app.nest.get(TenantsService).forget(await app.nest.get(TenantsService).get(acme.id));
      await eventually(async () => {
        const full = await acme.owner.call('PUT', '/users/me/avatar', { body: await picture() });
        expect([full.status, full.error.code]).toEqual([403, 'plan_limit_reached']);
      });
    } finally {
      await app.stop();
    }
  });
});
