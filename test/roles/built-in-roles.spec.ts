import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { v7 as newId } from 'uuid';
import { tenantMigrations } from '../../migrations/tenant/index.ts';
import { BUILT_IN_ROLES } from '../../seeds/roles.ts';
import { tenantSeed } from '../../seeds/tenant-seed.ts';
import { startEngine, type Engine } from '../support/engine.ts';

const FROM = Number(tenantMigrations.at(-1)!.name.slice(-13));

/** The release after the one that the tenant is at. */
class Later9000000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "@tenant".projects ADD COLUMN colour text`);
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "@tenant".projects DROP COLUMN colour`);
  }
}
const later = [...tenantMigrations, Later9000000000000];

/** A release before guests: fewer roles, and one that permitted something else. */
const FORMER = ['owner', 'member'].map(
  (key, i) =>
    `INSERT INTO "@tenant".roles (key, name, level, built_in, grants)
     VALUES ('${key}', 'Former', ${50 - i}, true, ARRAY['task.read']) ON CONFLICT (key) DO NOTHING`,
);

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine({ migrations: tenantMigrations, seed: () => FORMER });
});
afterAll(() => engine.stop());

async function rolesIn(schema: string) {
  const { rows } = await engine.owner.query(
    `SELECT key, level, grants, built_in FROM "${schema}".roles ORDER BY built_in DESC, level DESC`,
  );
  return rows;
}

const current = BUILT_IN_ROLES.map(({ key, level, grants }) => ({ key, level, grants, built_in: true }));

describe('the built-in roles of a tenant of the release before', () => {
  it.each([
    ['when its version was known', true],
    ['when it was not', false],
  ])('are those of this release once it is migrated, %s, and its own are left alone', async (_, known) => {
    const before = await engine.schemas.provision();
    const own = { key: 'own', level: 7, grants: ['task.read:member'], built_in: false };
    await engine.owner.query(
      `INSERT INTO "${before.schema}".roles (key, name, level, grants) VALUES ('own', 'Own', 7, ARRAY['task.read:member'])`,
    );
    await engine.owner.query(
      `INSERT INTO public.tenants (id, slug, name, status, schema_name, role_name, home, schema_version)
       VALUES ($1, $2, 'Bare', 'active', $3, $4, $5, $6)`,
      [newId(), `bare-${known}`, before.schema, before.role, before.home, FROM],
    );
    expect((await rolesIn(before.schema)).map((role) => role.key)).toEqual(['owner', 'member', 'own']);
    const release = await engine.version(later, tenantSeed);
    const place = { cluster: before.cluster, schema: before.schema };
    const { applied } = await release.migrate(place, known ? { from: FROM } : {});
    expect(applied).toEqual(['Later9000000000000']);
    expect(await rolesIn(before.schema)).toEqual([...current, own]);
  });
});
