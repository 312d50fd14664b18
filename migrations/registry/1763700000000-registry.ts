import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The shared schema: who the tenants are and where they live. Holds nothing of what they own. */
export class Registry1763700000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`CREATE SCHEMA IF NOT EXISTS extensions`);
    await queryRunner.query(`GRANT USAGE ON SCHEMA extensions TO PUBLIC`);
    await queryRunner.query(`
      CREATE TABLE public.system_settings (
        key text PRIMARY KEY,
        value jsonb NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await queryRunner.query(`
      CREATE TABLE public.tenants (
        id uuid PRIMARY KEY,
        slug text NOT NULL UNIQUE,
        name text NOT NULL,
        status text NOT NULL CHECK (status IN ('provisioning', 'active', 'suspended', 'maintenance', 'deleted')),
        plan text NOT NULL DEFAULT 'free' CHECK (plan IN ('free', 'pro', 'enterprise')),
        schema_name text NOT NULL UNIQUE,
        role_name text,
        home integer NOT NULL,
        schema_version bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await queryRunner.query(`CREATE INDEX tenants_by_version ON public.tenants (schema_version)`);
    await queryRunner.query(`
      CREATE TABLE public.ready_schemas (
        schema_name text PRIMARY KEY,
        role_name text,
        home integer NOT NULL,
        schema_version bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await queryRunner.query(`
      CREATE TABLE public.signing_keys (
        kid text PRIMARY KEY,
        algorithm text NOT NULL,
        public_jwk jsonb NOT NULL,
        private_key text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        retired_at timestamptz
      )`);
    await queryRunner.query(
      `COMMENT ON COLUMN public.signing_keys.private_key IS 'PKCS#8, AES-256-GCM under ENCRYPTION_KEY'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `DROP TABLE public.signing_keys, public.ready_schemas, public.tenants, public.system_settings`,
    );
  }
}
