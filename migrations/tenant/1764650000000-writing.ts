import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Answers that are given again when a request is repeated, and writing to many tasks in the background. */
export class Writing1764650000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "@tenant".bulk_runs, "@tenant".idempotency_keys`);
  }
}

const STATEMENTS = [
  `CREATE TABLE "@tenant".idempotency_keys (
    actor_id uuid NOT NULL,
    key text NOT NULL CHECK (length(key) <= 255),
    fingerprint bytea NOT NULL,
    status integer NOT NULL,
    headers jsonb NOT NULL,
    answer text,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (actor_id, key)
  )`,
  `CREATE INDEX idempotency_keys_by_creation ON "@tenant".idempotency_keys (created_at)`,
  `CREATE TABLE "@tenant".bulk_runs (
    id uuid PRIMARY KEY,
    actor_id uuid NOT NULL,
    key_id uuid,
    mode text NOT NULL CHECK (mode IN ('atomic', 'each')),
    state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    operations jsonb NOT NULL,
    results jsonb NOT NULL DEFAULT '[]',
    total integer NOT NULL,
    error jsonb,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    finished_at timestamptz(3)
  )`,
  `CREATE INDEX bulk_runs_by_actor ON "@tenant".bulk_runs (actor_id, created_at)`,
];
