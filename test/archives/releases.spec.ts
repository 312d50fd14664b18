import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantMigrations } from '../../migrations/tenant/index.ts';
import { TenantArchives } from '../../src/archives/tenant-archives.service.ts';
import { SchemaManager } from '../../src/platform/database/schema-manager.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { inPieces } from '../archive/archives.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { PASSWORD, signIn, signUp, type TestTenant } from '../support/tenant.ts';

/** What the next release brings. */
class Colour9000000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "@tenant".projects ADD COLUMN colour text NOT NULL DEFAULT 'grey'`);
    await queryRunner.query(`CREATE TABLE "@tenant".colours (name text PRIMARY KEY)`);
    await queryRunner.query(`INSERT INTO "@tenant".colours VALUES ('grey')`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "@tenant".colours`);
    await queryRunner.query(`ALTER TABLE "@tenant".projects DROP COLUMN colour`);
  }
}

let older: TestApp;
let newer: TestApp;
let acme: TestTenant;
beforeAll(async () => {
  older = await startApp();
  acme = await signUp(older);
  await acme.project('Apollo');
  tenantMigrations.push(Colour9000000000000);
  newer = await startApp();
});
afterAll(async () => {
  tenantMigrations.pop();
  await older.stop();
  await newer.stop();
});

async function archiveOf(app: TestApp, slug: string): Promise<Buffer> {
  const out = new PassThrough();
  const tenant = await app.nest.get(TenantsService).getBySlug(slug);
  const [bytes] = await Promise.all([buffer(out), app.nest.get(TenantArchives).write(tenant, out, { secrets: true })]);
  return bytes;
}

describe('an archive of another release', () => {
  it('is brought forward after it was loaded, when it is older, by an import and by a restore', async () => {
    const bytes = await archiveOf(older, acme.slug);
    const archives = newer.nest.get(TenantArchives);
    const made = await archives.import(inPieces(bytes), { slug: 'brought' });
    const version = newer.nest.get(SchemaManager).version;
    const colours = async () => {
      const { binding, schemaVersion } = await newer.nest.get(TenantsService).getBySlug('brought');
      expect(schemaVersion).toBe(version);
      expect(await newer.nest.get(SchemaManager).versionOf(binding)).toBe(version);
      return (
        await newer.owner.query(
          `SELECT p.name, p.colour FROM "${binding.schema}".projects p JOIN "${binding.schema}".colours c ON c.name = p.colour`,
        )
      ).rows;
    };
    expect(made.schemaVersion).toBe(version);
    expect(await colours()).toEqual([{ name: 'Apollo', colour: 'grey' }]);
    const owner = await signIn(new Client(newer.url, { 'x-tenant-domain': 'brought' }), acme.owner.email);
    expectStatus(await owner.post('/projects', { name: 'Gemini' }), 201);
    // The people of another tenant do not come in by a mistyped file.
    const refused = { code: 'archive_of_another' };
    await expect(archives.restore('brought', inPieces(bytes))).rejects.toMatchObject(refused);
    await archives.restore('brought', inPieces(bytes), { ofAnother: true });
    expect(await colours()).toEqual([{ name: 'Apollo', colour: 'grey' }]);
  });

  it('is refused when it is newer, and nothing is left of it', async () => {
    const next = await signUp(newer);
    const bytes = await archiveOf(newer, next.slug);
    const archives = older.nest.get(TenantArchives);
    const schemas = async () =>
      (await older.owner.query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\\_%' ORDER BY 1`)).rows;
    const before = await schemas();
    const refused = { code: 'archive_too_new', message: expect.stringMatching(/9000000000000.*newer release/) };
    await expect(archives.import(inPieces(bytes), { slug: 'too-new' })).rejects.toMatchObject(refused);
    await expect(archives.restore(acme.slug, inPieces(bytes))).rejects.toMatchObject(refused);
    expect(await schemas()).toEqual(before);
    expectStatus(await acme.visitor.post('/auth/login', { email: acme.owner.email, password: PASSWORD }), 200);
  });
});
