import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the tenants of a cluster share, and what the cluster must remember of itself. */
export class ClusterBaseline1766000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...SETTINGS, ...OUTBOX, ...SHORT_LIVED]) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `DROP TABLE platform.bulk_runs, platform.failed_sign_ins, platform.idempotency_keys, platform.outbox, platform.settings`,
    );
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

/** Rows of all tenants that live for days: in a schema of its own each of these tables would cost every tenant its relations. */
const SHORT_LIVED = [
  // Nothing is unique but with the time of creation, which a partitioned table wants in its key: that a key has one answer
  // is kept by the lock under which it is looked up and stored.
  `CREATE TABLE platform.idempotency_keys (
    tenant_schema text COLLATE "C" NOT NULL,
    actor_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL CHECK (length(key) <= 255),
    fingerprint bytea NOT NULL,
    status integer NOT NULL,
    headers jsonb NOT NULL,
    answer text,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_schema, actor_id, key, created_at)
  ) PARTITION BY RANGE (created_at)`,
  // Takes what no day was made for, so that no request is refused for that. Its rows move when their day is made.
  `CREATE TABLE platform.idempotency_keys_default PARTITION OF platform.idempotency_keys DEFAULT`,
  `CREATE TABLE platform.bulk_runs (
    tenant_schema text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    actor_id uuid NOT NULL,
    key_id uuid,
    mode text NOT NULL CHECK (mode IN ('atomic', 'each')),
    state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    operations jsonb NOT NULL,
    results jsonb NOT NULL DEFAULT '[]',
    total integer NOT NULL,
    error jsonb,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    finished_at timestamptz(3),
    PRIMARY KEY (tenant_schema, id, created_at)
  ) PARTITION BY RANGE (created_at)`,
  `CREATE TABLE platform.bulk_runs_default PARTITION OF platform.bulk_runs DEFAULT`,
  // Not by day: a counter is one row for as long as failures go on, and must be unique to be counted by an upsert. No index
  // by time, so that counting stays within the page; what is forgotten is found by reading the table now and then.
  `CREATE TABLE platform.failed_sign_ins (
    tenant_schema text COLLATE "C" NOT NULL,
    key bytea NOT NULL,
    failures integer NOT NULL,
    last_at timestamptz(3) NOT NULL,
    PRIMARY KEY (tenant_schema, key)
  ) WITH (fillfactor = 80)`,
  ...['idempotency_keys', 'bulk_runs', 'failed_sign_ins'].flatMap((table) => [
    // No role is granted a partition: a tenant comes to its rows through the table and its policy alone.
    `GRANT SELECT, INSERT, UPDATE, DELETE ON platform.${table} TO PUBLIC`,
    `ALTER TABLE platform.${table} ENABLE ROW LEVEL SECURITY`,
    `CREATE POLICY tenant_owns ON platform.${table} TO PUBLIC
      USING (tenant_schema = right(current_user::text, 18)) WITH CHECK (tenant_schema = right(current_user::text, 18))`,
  ]),
];
