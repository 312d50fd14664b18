import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Passwords with what happened to them, second factors, single-use tokens, invitations, and what an organisation demands. */
export class SignIn1764050000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...SESSIONS, ...PASSWORDS, ...SECOND_FACTORS, ...INVITATIONS])
      await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "@tenant".users ADD COLUMN password_hash text`);
    await queryRunner.query(
      `UPDATE "@tenant".users u SET password_hash = p.hash FROM "@tenant".passwords p WHERE p.user_id = u.id`,
    );
    await queryRunner.query(`ALTER TABLE "@tenant".users DROP COLUMN email_verified_at`);
    await queryRunner.query(
      `DROP TABLE "@tenant".email_changes, "@tenant".invitations, "@tenant".security_policy, "@tenant".passkeys, "@tenant".recovery_codes,
        "@tenant".totp_secrets, "@tenant".one_time_tokens, "@tenant".failed_sign_ins, "@tenant".passwords`,
    );
    await queryRunner.query(`ALTER TABLE "@tenant".sessions DROP COLUMN authenticated_at, DROP COLUMN method`);
  }
}

const SESSIONS = [
  `ALTER TABLE "@tenant".sessions ADD COLUMN authenticated_at timestamptz(3) NOT NULL DEFAULT now(),
    ADD COLUMN method text NOT NULL DEFAULT 'password'`,
];

const PASSWORDS = [
  `CREATE TABLE "@tenant".passwords (
    user_id uuid PRIMARY KEY REFERENCES "@tenant".users ON DELETE CASCADE,
    hash text NOT NULL,
    short boolean NOT NULL DEFAULT false,
    changed_at timestamptz(3) NOT NULL DEFAULT now(),
    disabled_at timestamptz(3),
    unlocked_at timestamptz(3)
  )`,
  `COMMENT ON COLUMN "@tenant".passwords.short IS 'long enough only beside a second factor'`,
  `-- lint allow unbounded-write: one row for each person
   INSERT INTO "@tenant".passwords (user_id, hash) SELECT id, password_hash FROM "@tenant".users WHERE password_hash IS NOT NULL`,
  `-- lint allow contract: no release has used it yet
   ALTER TABLE "@tenant".users DROP COLUMN password_hash`,
  `ALTER TABLE "@tenant".users ADD COLUMN email_verified_at timestamptz(3)`,
  `CREATE TABLE "@tenant".failed_sign_ins (
    key bytea PRIMARY KEY,
    failures integer NOT NULL,
    last_at timestamptz NOT NULL
  )`,
  `CREATE INDEX failed_sign_ins_by_time ON "@tenant".failed_sign_ins (last_at)`,
  `CREATE TABLE "@tenant".one_time_tokens (
    hash bytea PRIMARY KEY,
    purpose text NOT NULL,
    user_id uuid REFERENCES "@tenant".users ON DELETE CASCADE,
    data jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    expires_at timestamptz(3) NOT NULL
  )`,
  `CREATE INDEX one_time_tokens_by_user ON "@tenant".one_time_tokens (user_id, purpose)`,
  `CREATE INDEX one_time_tokens_by_expiry ON "@tenant".one_time_tokens (expires_at)`,
];

const SECOND_FACTORS = [
  `CREATE TABLE "@tenant".totp_secrets (
    user_id uuid PRIMARY KEY REFERENCES "@tenant".users ON DELETE CASCADE,
    secret text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    confirmed_at timestamptz(3),
    last_step bigint NOT NULL DEFAULT 0
  )`,
  `COMMENT ON COLUMN "@tenant".totp_secrets.secret IS 'base32, AES-256-GCM under ENCRYPTION_KEY'`,
  `CREATE TABLE "@tenant".recovery_codes (
    user_id uuid NOT NULL REFERENCES "@tenant".users ON DELETE CASCADE,
    hash bytea NOT NULL,
    used_at timestamptz(3),
    PRIMARY KEY (user_id, hash)
  )`,
  `CREATE TABLE "@tenant".passkeys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES "@tenant".users ON DELETE CASCADE,
    credential_id text NOT NULL UNIQUE,
    public_key bytea NOT NULL,
    counter bigint NOT NULL,
    transports text[] NOT NULL DEFAULT '{}',
    name text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    last_used_at timestamptz(3)
  )`,
  `CREATE INDEX passkeys_by_user ON "@tenant".passkeys (user_id)`,
  `CREATE TABLE "@tenant".security_policy (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    second_factor text NOT NULL DEFAULT 'optional' CHECK (second_factor IN ('optional', 'admins', 'required')),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1
  )`,
  `INSERT INTO "@tenant".security_policy DEFAULT VALUES`,
];

const INVITATIONS = [
  `CREATE TABLE "@tenant".email_changes (
    user_id uuid PRIMARY KEY REFERENCES "@tenant".users ON DELETE CASCADE,
    email text NOT NULL CHECK (length(email) <= 255),
    old_confirmed_at timestamptz(3),
    new_confirmed_at timestamptz(3),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    expires_at timestamptz(3) NOT NULL
  )`,
  `CREATE TABLE "@tenant".invitations (
    id uuid PRIMARY KEY,
    email text NOT NULL CHECK (length(email) <= 255),
    roles text[] NOT NULL,
    invited_by uuid REFERENCES "@tenant".users ON DELETE SET NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    updated_at timestamptz(3) NOT NULL DEFAULT now(),
    sent_at timestamptz(3),
    expires_at timestamptz(3) NOT NULL,
    accepted_at timestamptz(3),
    revoked_at timestamptz(3),
    version integer NOT NULL DEFAULT 1
  )`,
  `CREATE UNIQUE INDEX invitations_open ON "@tenant".invitations (lower(email)) WHERE accepted_at IS NULL AND revoked_at IS NULL`,
  `CREATE INDEX invitations_by_creation ON "@tenant".invitations (created_at, id)`,
];
