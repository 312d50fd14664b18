import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people say about themselves, their picture, and that they were deleted: the row stays, for what it has written. */
export class People1764400000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE "@tenant".users
        ADD COLUMN title text,
        ADD COLUMN time_zone text,
        ADD COLUMN locale text,
        ADD COLUMN avatar text,
        ADD COLUMN deleted_at timestamptz(3)`);
    await queryRunner.query(
      `COMMENT ON COLUMN "@tenant".users.avatar IS 'which picture, among the files of the tenant'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE "@tenant".users
        DROP COLUMN title, DROP COLUMN time_zone, DROP COLUMN locale, DROP COLUMN avatar, DROP COLUMN deleted_at`);
  }
}
