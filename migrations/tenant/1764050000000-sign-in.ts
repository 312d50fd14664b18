import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What signing in needs beyond a password: when somebody last proved who they are. */
export class SignIn1764050000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE "@tenant".sessions ADD COLUMN authenticated_at timestamptz(3) NOT NULL DEFAULT now()`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "@tenant".sessions DROP COLUMN authenticated_at`);
  }
}
