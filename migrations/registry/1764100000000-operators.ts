import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys that move on from next to current to previous, and the people who operate the installation. */
export class Operators1764100000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...KEYS, ...PEOPLE]) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `DROP TABLE public.operator_events, public.operator_attempts, public.operator_sessions, public.operators`,
    );
    await queryRunner.query(`DELETE FROM public.signing_keys WHERE activated_at IS NULL`);
    await queryRunner.query(`ALTER TABLE public.signing_keys DROP COLUMN activated_at`);
  }
}

const KEYS = [
  `ALTER TABLE public.signing_keys ADD COLUMN activated_at timestamptz(3)`,
  `-- lint allow unbounded-write: one row
   UPDATE public.signing_keys SET activated_at = created_at`,
  `COMMENT ON COLUMN public.signing_keys.activated_at IS 'from then on it signs; before, it is published only'`,
  `-- lint allow index-under-lock: three rows
   CREATE UNIQUE INDEX signing_keys_next ON public.signing_keys ((true)) WHERE activated_at IS NULL`,
  `-- lint allow index-under-lock: three rows
   CREATE UNIQUE INDEX signing_keys_current ON public.signing_keys ((true)) WHERE activated_at IS NOT NULL AND retired_at IS NULL`,
  `-- lint allow index-under-lock: three rows
   CREATE UNIQUE INDEX signing_keys_previous ON public.signing_keys ((true)) WHERE retired_at IS NOT NULL`,
];

const PEOPLE = [
  `CREATE TABLE public.operators (
    id uuid PRIMARY KEY,
    email text NOT NULL CHECK (email = lower(email) AND length(email) <= 255),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    password_hash text,
    totp_secret text,
    totp_step bigint,
    enrolment_hash bytea,
    enrolment_expires_at timestamptz(3),
    pending_password_hash text,
    pending_totp_secret text,
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    last_login_at timestamptz(3)
  )`,
  `CREATE UNIQUE INDEX operators_email ON public.operators (email)`,
  `CREATE UNIQUE INDEX operators_enrolment ON public.operators (enrolment_hash) WHERE enrolment_hash IS NOT NULL`,
  `COMMENT ON COLUMN public.operators.totp_secret IS 'AES-256-GCM under ENCRYPTION_KEY; null: not enrolled, nobody can sign in'`,
  `COMMENT ON COLUMN public.operators.totp_step IS 'the last time step of which a code was taken'`,
  `COMMENT ON COLUMN public.operators.pending_password_hash IS 'as enrolled, until the first code confirms it'`,
  `CREATE TABLE public.operator_sessions (
    id uuid PRIMARY KEY,
    operator_id uuid NOT NULL REFERENCES public.operators ON DELETE CASCADE,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    expires_at timestamptz(3) NOT NULL,
    revoked_at timestamptz(3),
    address text,
    user_agent text
  )`,
  `CREATE INDEX operator_sessions_by_operator ON public.operator_sessions (operator_id)`,
  `CREATE TABLE public.operator_attempts (
    key bytea PRIMARY KEY,
    failures integer NOT NULL,
    last_at timestamptz(3) NOT NULL
  )`,
  `COMMENT ON COLUMN public.operator_attempts.key IS 'SHA-256 of what is tried, also of addresses that nobody has'`,
  // No reference to the operator: what somebody did outlives their account.
  `CREATE TABLE public.operator_events (
    id uuid PRIMARY KEY,
    at timestamptz(3) NOT NULL DEFAULT now(),
    operator_id uuid,
    operator_email text,
    action text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('begun', 'done', 'refused')),
    target_type text,
    target_id text,
    details jsonb,
    address text,
    user_agent text,
    request_id text NOT NULL
  )`,
  `CREATE INDEX operator_events_by_time ON public.operator_events (at DESC, id DESC)`,
];
