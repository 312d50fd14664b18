import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A tenant that was suspended when it was deleted is suspended when it is restored. */
export class DeletedFrom1763900000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `-- lint allow scan-under-lock: a row for each organisation, and sign-ups wait for milliseconds
       ALTER TABLE public.tenants ADD COLUMN deleted_from text CHECK (deleted_from IN ('active', 'suspended'))`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE public.tenants DROP COLUMN deleted_from`);
  }
}
