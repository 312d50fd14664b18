import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who else vouches for the people of the organisation, whom they vouch for, and sign-ins that are under way. */
export class SignInProviders1764300000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "@tenant".sign_in_providers (
        id uuid PRIMARY KEY,
        key text NOT NULL UNIQUE CHECK (length(key) <= 40),
        name text NOT NULL CHECK (length(name) <= 100),
        kind text NOT NULL CHECK (kind IN ('oidc', 'google', 'microsoft', 'github')),
        issuer text,
        directory text,
        client_id text NOT NULL,
        client_secret text,
        scopes text[] NOT NULL DEFAULT '{}',
        domains text[] NOT NULL DEFAULT '{}',
        create_users boolean NOT NULL DEFAULT false,
        role text NOT NULL,
        enforced boolean NOT NULL DEFAULT false,
        enabled boolean NOT NULL DEFAULT true,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        version integer NOT NULL DEFAULT 1
      )`);
    await queryRunner.query(`
      CREATE TABLE "@tenant".sign_in_identities (
        provider_id uuid NOT NULL REFERENCES "@tenant".sign_in_providers ON DELETE CASCADE,
        subject text NOT NULL,
        user_id uuid NOT NULL REFERENCES "@tenant".users ON DELETE CASCADE,
        created_at timestamptz(3) NOT NULL DEFAULT now(),
        last_used_at timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (provider_id, subject),
        UNIQUE (provider_id, user_id)
      )`);
    await queryRunner.query(`CREATE INDEX sign_in_identities_by_user ON "@tenant".sign_in_identities (user_id)`);
    await queryRunner.query(`
      CREATE TABLE "@tenant".sign_in_attempts (
        hash bytea PRIMARY KEY,
        provider_id uuid NOT NULL REFERENCES "@tenant".sign_in_providers ON DELETE CASCADE,
        browser_hash bytea NOT NULL,
        return_to text NOT NULL,
        redirect_uri text NOT NULL,
        code_challenge text,
        expires_at timestamptz(3) NOT NULL
      )`);
    await queryRunner.query(`CREATE INDEX sign_in_attempts_by_end ON "@tenant".sign_in_attempts (expires_at)`);
    await queryRunner.query(`
      CREATE TABLE "@tenant".sign_in_codes (
        hash bytea PRIMARY KEY,
        provider_id uuid NOT NULL REFERENCES "@tenant".sign_in_providers ON DELETE CASCADE,
        user_id uuid NOT NULL REFERENCES "@tenant".users ON DELETE CASCADE,
        code_challenge text,
        expires_at timestamptz(3) NOT NULL
      )`);
    await queryRunner.query(`CREATE INDEX sign_in_codes_by_end ON "@tenant".sign_in_codes (expires_at)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `DROP TABLE "@tenant".sign_in_codes, "@tenant".sign_in_attempts, "@tenant".sign_in_identities, "@tenant".sign_in_providers`,
    );
  }
}
