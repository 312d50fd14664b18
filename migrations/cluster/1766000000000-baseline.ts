import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the tenants of a cluster share, and what the cluster must remember of itself. */
export class ClusterBaseline1766000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...SETTINGS, ...OUTBOX]) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE platform.outbox, platform.settings`);
  }
}

const SETTINGS = [
  // Whose the cluster is, and whether its logins are up to date.
  `CREATE TABLE platform.settings (key text PRIMARY KEY, value jsonb NOT NULL)`,
  `GRANT USAGE ON SCHEMA platform TO PUBLIC`,
];

const OUTBOX = [
  // Events wait here from the commit of their cause until they were heard.
  `CREATE TABLE platform.outbox (
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
  )`,
  `CREATE INDEX outbox_due ON platform.outbox (next_attempt_at, id)`,
  // One grant for all tenants: a grant per tenant makes the table's privilege list too big for its row at the 2,443rd.
  // The role's name ends with its schema's name, and a tenant can write its own rows only, and read none.
  `GRANT INSERT ON platform.outbox TO PUBLIC`,
  `ALTER TABLE platform.outbox ENABLE ROW LEVEL SECURITY`,
  `CREATE POLICY tenant_writes_own ON platform.outbox FOR INSERT TO PUBLIC
    WITH CHECK (right(current_user::text, 18) = tenant_schema)`,
];
