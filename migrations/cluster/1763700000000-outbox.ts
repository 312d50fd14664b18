import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Events wait here from the commit of their cause until they were heard. */
export class Outbox1763700000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE platform.outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        tenant_schema text NOT NULL,
        name text NOT NULL,
        payload jsonb NOT NULL,
        actor_id uuid,
        request_id text NOT NULL,
        occurred_at timestamptz NOT NULL DEFAULT now(),
        attempts integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT now(),
        last_error text
      )`);
    await queryRunner.query(`CREATE INDEX outbox_due ON platform.outbox (next_attempt_at, id)`);
    // One grant for all tenants: a grant per tenant makes the table's privilege list too big for its row at the 2,443rd.
    // The role's name ends with its schema's name, and a tenant can write its own rows only, and read none.
    await queryRunner.query(`GRANT USAGE ON SCHEMA platform TO PUBLIC`);
    await queryRunner.query(`GRANT INSERT ON platform.outbox TO PUBLIC`);
    await queryRunner.query(`ALTER TABLE platform.outbox ENABLE ROW LEVEL SECURITY`);
    await queryRunner.query(`
      CREATE POLICY tenant_writes_own ON platform.outbox FOR INSERT TO PUBLIC
        WITH CHECK (right(current_user::text, 18) = tenant_schema)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE platform.outbox`);
  }
}
