import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a cluster must remember of itself: whose it is, and whether its logins are up to date. */
export class Settings1763800000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE TABLE platform.settings (key text PRIMARY KEY, value jsonb NOT NULL)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE platform.settings`);
  }
}
