import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Operators are found by the one spelling of an address; since when an organisation waits for its owner to prove theirs; sign-ups that prove it first. */
export class Addresses1764900000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE public.operators ADD COLUMN canonical_email text`);
    await queryRunner.query(`UPDATE public.operators SET canonical_email = rtrim(email, '.')
      WHERE email ~ '^.+@[a-z0-9.-]+$' AND NOT EXISTS (SELECT FROM public.operators older
        WHERE rtrim(older.email, '.') = rtrim(operators.email, '.') AND (older.created_at, older.id) < (operators.created_at, operators.id))`);
    await queryRunner.query(`ALTER TABLE public.operators DROP CONSTRAINT operators_email_check`);
    await queryRunner.query(
      `ALTER TABLE public.operators ADD CONSTRAINT operators_email_check CHECK (length(email) <= 255)`,
    );
    await queryRunner.query(`DROP INDEX public.operators_email`);
    await queryRunner.query(`CREATE UNIQUE INDEX operators_email ON public.operators (canonical_email)`);
    await queryRunner.query(
      `ALTER TABLE public.tenants ADD COLUMN unproved_since timestamptz(3), ADD COLUMN unproved_warned_at timestamptz(3)`,
    );
    await queryRunner.query(
      `CREATE INDEX tenants_unproved ON public.tenants (unproved_since) WHERE unproved_since IS NOT NULL`,
    );
    await queryRunner.query(`
      CREATE TABLE public.sign_up_proofs (
        hash bytea PRIMARY KEY,
        canonical_email text NOT NULL,
        expires_at timestamptz(3) NOT NULL
      )`);
    await queryRunner.query(`CREATE INDEX sign_up_proofs_by_expiry ON public.sign_up_proofs (expires_at)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE public.sign_up_proofs`);
    await queryRunner.query(`ALTER TABLE public.tenants DROP COLUMN unproved_since, DROP COLUMN unproved_warned_at`);
    await queryRunner.query(`DROP INDEX public.operators_email`);
    await queryRunner.query(`CREATE UNIQUE INDEX operators_email ON public.operators (email)`);
    await queryRunner.query(`ALTER TABLE public.operators DROP COLUMN canonical_email`);
  }
}
