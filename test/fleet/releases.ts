import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantMigrations } from '../../migrations/tenant/index.ts';
import type { MigrationClass } from '../../src/platform/database/migration-recorder.ts';

/** Each migration writes down that it ran: one that ran twice, or half, shows. */
class Journal4000000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE TABLE "@tenant".journal (id serial PRIMARY KEY, entry text NOT NULL)`);
    await queryRunner.query(`INSERT INTO "@tenant".journal (entry) VALUES ('journal')`);
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "@tenant".journal`);
  }
}

/** Merged with a timestamp between two that were released already. */
class Late4000000000002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE INDEX journal_by_entry ON "@tenant".journal (entry)`);
    await queryRunner.query(`INSERT INTO "@tenant".journal (entry) VALUES ('late')`);
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "@tenant".journal_by_entry`);
  }
}

class Nickname4000000000003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "@tenant".users ADD COLUMN nickname text`);
    await queryRunner.query(`INSERT INTO "@tenant".journal (entry) VALUES ('nickname')`);
  }
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "@tenant".users DROP COLUMN nickname`);
  }
}

/** The release after the product's. */
export const nextRelease: MigrationClass[] = [...tenantMigrations, Journal4000000000001, Nickname4000000000003];
export const NEXT = 4_000_000_000_003;
/** The same, with what was merged late. */
export const lateRelease: MigrationClass[] = [...nextRelease, Late4000000000002];
/** What nextRelease writes down in each schema, once. */
export const WRITTEN = ['journal', 'nickname'];
/** The product's own version. */
export const PRODUCT = Number(tenantMigrations.at(-1)!.name.slice(-13));
