import type { MigrationInterface, QueryRunner } from 'typeorm';

/** API keys, of which only hashes are kept, and the accounts of programs, which are users without a way to sign in. */
export class ApiKeys1764200000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE "@tenant".users ADD COLUMN kind text NOT NULL DEFAULT 'person'`);
    await queryRunner.query(`
      ALTER TABLE "@tenant".users ADD CONSTRAINT users_by_kind
        CHECK (kind IN ('person', 'service')) NOT VALID`);
    await queryRunner.query(`
      CREATE TABLE "@tenant".api_keys (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES "@tenant".users ON DELETE CASCADE,
        name text NOT NULL CHECK (length(name) <= 100),
        hash bytea NOT NULL UNIQUE,
        previous_hash bytea UNIQUE,
        previous_expires_at timestamptz(3),
        ending text NOT NULL,
        scopes text[] NOT NULL,
        requests_per_minute integer CHECK (requests_per_minute > 0),
        created_by uuid,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        rotated_at timestamptz(3),
        expires_at timestamptz(3) NOT NULL,
        last_used_at timestamptz(3),
        last_address text,
        last_refused_at timestamptz(3),
        revoked_at timestamptz(3),
        version integer NOT NULL DEFAULT 1
      )`);
    await queryRunner.query(`CREATE INDEX api_keys_by_user ON "@tenant".api_keys (user_id, created_at, id)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP TABLE "@tenant".api_keys`);
    await queryRunner.query(`ALTER TABLE "@tenant".users DROP COLUMN kind`);
  }
}
