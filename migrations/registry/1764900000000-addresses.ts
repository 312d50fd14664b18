import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when an organisation waits for its owner to prove their address, and sign-ups that prove it first. */
export class Addresses1764900000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of UP) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await queryRunner.query(statement);
  }
}

const UP = [
  // lower() of the database folds letters that the one spelling of an address leaves as they are.
  `ALTER TABLE public.operators DROP CONSTRAINT operators_email_check`,
  `-- lint allow scan-under-lock: a few rows
   ALTER TABLE public.operators ADD CONSTRAINT operators_email_check CHECK (length(email) <= 255)`,
  `ALTER TABLE public.tenants ADD COLUMN unproved_since timestamptz(3), ADD COLUMN unproved_warned_at timestamptz(3)`,
  `COMMENT ON COLUMN public.tenants.unproved_since IS 'when it signed up by itself; null once an owner has proved an address, and for what operators made'`,
  `-- lint allow index-under-lock: one row for each organisation
   CREATE INDEX tenants_unproved ON public.tenants (unproved_since) WHERE unproved_since IS NOT NULL`,
  `CREATE TABLE public.sign_up_proofs (
    hash bytea PRIMARY KEY,
    canonical_email text NOT NULL,
    expires_at timestamptz(3) NOT NULL
  )`,
  `CREATE INDEX sign_up_proofs_by_expiry ON public.sign_up_proofs (expires_at)`,
];

const DOWN = [
  `DROP TABLE public.sign_up_proofs`,
  `ALTER TABLE public.tenants DROP COLUMN unproved_since, DROP COLUMN unproved_warned_at`,
];
