import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The shared schema: who the tenants are, where they live, what they pay for, how they are called, and what is being done
 * to them; and who operates the installation. Holds nothing of what tenants own.
 */
export class RegistryBaseline1766000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...SETTINGS, ...PLACES, ...TENANTS, ...PLANS, ...NAMES, ...LIFE, ...OPERATORS])
      await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `DROP TABLE public.operator_events, public.operator_attempts, public.operator_sessions, public.operators,
         public.archives, public.tenant_moves, public.sign_up_proofs, public.former_slugs, public.tenant_domains,
         public.usage_daily, public.subscriptions, public.ready_schemas, public.tenants, public.plans, public.clusters,
         public.caught_mails, public.signing_keys, public.system_settings`,
    );
  }
}

const SETTINGS = [
  `CREATE SCHEMA IF NOT EXISTS extensions`,
  `GRANT USAGE ON SCHEMA extensions TO PUBLIC`,
  `CREATE TABLE public.system_settings (
    key text PRIMARY KEY,
    value jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
  )`,
  // Keys move on from next to current to previous, and there is one of each at most.
  `CREATE TABLE public.signing_keys (
    kid text PRIMARY KEY,
    algorithm text NOT NULL,
    public_jwk jsonb NOT NULL,
    private_key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    activated_at timestamptz(3),
    retired_at timestamptz
  )`,
  `COMMENT ON COLUMN public.signing_keys.private_key IS 'PKCS#8, AES-256-GCM under ENCRYPTION_KEY'`,
  `COMMENT ON COLUMN public.signing_keys.activated_at IS 'from then on it signs; before, it is published only'`,
  `CREATE UNIQUE INDEX signing_keys_next ON public.signing_keys ((true)) WHERE activated_at IS NULL`,
  `CREATE UNIQUE INDEX signing_keys_current ON public.signing_keys ((true)) WHERE activated_at IS NOT NULL AND retired_at IS NULL`,
  `CREATE UNIQUE INDEX signing_keys_previous ON public.signing_keys ((true)) WHERE retired_at IS NOT NULL`,
  // In development mails are caught here instead of being sent.
  `CREATE TABLE public.caught_mails (
    id uuid PRIMARY KEY,
    at timestamptz(3) NOT NULL DEFAULT now(),
    sender text NOT NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL
  )`,
];

const PLACES = [
  `CREATE TABLE public.clusters (
    name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9-]{0,39}$'),
    url text,
    replica_url text,
    region text,
    plans text[] NOT NULL DEFAULT '{}',
    capacity integer NOT NULL DEFAULT 2000 CHECK (capacity > 0),
    dedicated boolean NOT NULL DEFAULT false,
    accepts boolean NOT NULL DEFAULT true,
    away_since timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (url IS NOT NULL OR name = 'main')
  )`,
  `COMMENT ON COLUMN public.clusters.url IS 'owner login, AES-256-GCM under ENCRYPTION_KEY; main is the database of the registry and needs none'`,
  `COMMENT ON COLUMN public.clusters.plans IS 'plans whose tenants may be placed here; empty: all'`,
  `COMMENT ON COLUMN public.clusters.dedicated IS 'kept for one tenant, which is put here by name'`,
  `INSERT INTO public.clusters (name) VALUES ('main')`,
  // A row is written before its schema is made, and changed once it is complete: a crash in between leaves a trace.
  `CREATE TABLE public.ready_schemas (
    schema_name text PRIMARY KEY,
    role_name text,
    cluster text NOT NULL DEFAULT 'main' REFERENCES public.clusters,
    home integer NOT NULL,
    schema_version bigint NOT NULL,
    state text NOT NULL DEFAULT 'ready' CHECK (state IN ('making', 'ready')),
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
];

const TENANTS = [
  `CREATE TABLE public.plans (
    key text PRIMARY KEY,
    name text NOT NULL,
    position integer NOT NULL,
    limits jsonb NOT NULL
  )`,
  `COMMENT ON COLUMN public.plans.limits IS 'users, projects: count; storageBytes; requestsPerMinute. null: no limit'`,
  `INSERT INTO public.plans (key, name, position, limits) VALUES
    ('free', 'Free', 1, '{"users": 10, "projects": 10, "storageBytes": 1073741824, "requestsPerMinute": 1200}'),
    ('pro', 'Pro', 2, '{"users": 200, "projects": 1000, "storageBytes": 107374182400, "requestsPerMinute": 6000}'),
    ('enterprise', 'Enterprise', 3, '{"users": null, "projects": null, "storageBytes": null, "requestsPerMinute": null}')`,
  // The limits stand beside the tenant, so that one row answers a request: they are what of the plan was agreed on otherwise.
  `CREATE TABLE public.tenants (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    status text NOT NULL CHECK (status IN ('provisioning', 'active', 'suspended', 'maintenance', 'deleted')),
    plan text NOT NULL DEFAULT 'free' REFERENCES public.plans,
    limits jsonb NOT NULL DEFAULT '{}',
    storage_bytes bigint NOT NULL DEFAULT 0,
    cluster text NOT NULL DEFAULT 'main' REFERENCES public.clusters,
    schema_name text NOT NULL UNIQUE,
    role_name text,
    home integer NOT NULL,
    schema_version bigint NOT NULL,
    migration_wanted_at timestamptz,
    migration_lease_until timestamptz,
    migration_holder text,
    migration_error text,
    version integer NOT NULL DEFAULT 1,
    unproved_since timestamptz(3),
    unproved_warned_at timestamptz(3),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    deleted_from text CHECK (deleted_from IN ('active', 'suspended')),
    purge_after timestamptz,
    purge_started_at timestamptz
  )`,
  `COMMENT ON COLUMN public.tenants.migration_wanted_at IS 'somebody was turned away because the schema is behind: goes first'`,
  `COMMENT ON COLUMN public.tenants.unproved_since IS 'when it signed up by itself; null once an owner has proved an address, and for what operators made'`,
  `COMMENT ON COLUMN public.tenants.purge_started_at IS 'from here on it cannot be restored, only purged to the end'`,
  `CREATE INDEX tenants_by_version ON public.tenants (schema_version)`,
  `CREATE INDEX tenants_by_cluster ON public.tenants (cluster)`,
  `CREATE INDEX tenants_to_purge ON public.tenants (purge_after) WHERE status = 'deleted'`,
  `CREATE INDEX tenants_unproved ON public.tenants (unproved_since) WHERE unproved_since IS NOT NULL`,
];

const PLANS = [
  `CREATE TABLE public.subscriptions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL REFERENCES public.tenants ON DELETE CASCADE,
    plan text NOT NULL REFERENCES public.plans,
    limits jsonb NOT NULL DEFAULT '{}',
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    CHECK (ended_at >= started_at)
  )`,
  `CREATE UNIQUE INDEX subscriptions_current ON public.subscriptions (tenant_id) WHERE ended_at IS NULL`,
  `CREATE TABLE public.usage_daily (
    tenant_id uuid NOT NULL REFERENCES public.tenants ON DELETE CASCADE,
    day date NOT NULL,
    requests bigint NOT NULL DEFAULT 0,
    users integer NOT NULL DEFAULT 0,
    projects integer NOT NULL DEFAULT 0,
    storage_bytes bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, day)
  )`,
];

const NAMES = [
  `CREATE TABLE public.tenant_domains (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES public.tenants ON DELETE CASCADE,
    domain text NOT NULL CHECK (domain = lower(domain) AND length(domain) <= 253),
    token text NOT NULL,
    is_primary boolean NOT NULL DEFAULT false,
    verified_at timestamptz(3),
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    UNIQUE (tenant_id, domain),
    CHECK (verified_at IS NOT NULL OR NOT is_primary)
  )`,
  // Anybody may claim a domain; only one can prove it.
  `CREATE UNIQUE INDEX tenant_domains_verified ON public.tenant_domains (domain) WHERE verified_at IS NOT NULL`,
  `CREATE UNIQUE INDEX tenant_domains_primary ON public.tenant_domains (tenant_id) WHERE is_primary`,
  `CREATE TABLE public.former_slugs (
    slug text PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES public.tenants ON DELETE CASCADE,
    retired_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE INDEX former_slugs_by_tenant ON public.former_slugs (tenant_id)`,
  // Sign-ups that prove their address first.
  `CREATE TABLE public.sign_up_proofs (
    hash bytea PRIMARY KEY,
    canonical_email text NOT NULL,
    expires_at timestamptz(3) NOT NULL
  )`,
  `CREATE INDEX sign_up_proofs_by_expiry ON public.sign_up_proofs (expires_at)`,
];

const LIFE = [
  `CREATE TABLE public.tenant_moves (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES public.tenants ON DELETE CASCADE,
    reason text NOT NULL CHECK (reason IN ('move', 'restore')),
    from_place jsonb NOT NULL,
    to_place jsonb,
    state text NOT NULL CHECK (state IN ('copying', 'switched', 'confirmed', 'undone')),
    was_status text NOT NULL,
    rows bigint,
    window_ms integer,
    error text,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
  )`,
  `COMMENT ON COLUMN public.tenant_moves.window_ms IS 'milliseconds during which the tenant was not served'`,
  // One at a time; the old copy of a switched one is kept until it is confirmed or undone.
  `CREATE UNIQUE INDEX tenant_moves_open ON public.tenant_moves (tenant_id) WHERE state IN ('copying', 'switched')`,
  `CREATE TABLE public.archives (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES public.tenants ON DELETE CASCADE,
    reason text NOT NULL CHECK (reason IN ('export', 'backup')),
    state text NOT NULL CHECK (state IN ('queued', 'writing', 'ready', 'failed')),
    file text,
    schema_version bigint,
    rows bigint NOT NULL DEFAULT 0,
    rows_expected bigint NOT NULL DEFAULT 0,
    bytes bigint,
    sha256 text,
    error text,
    requested_by uuid,
    created_at timestamptz(3) NOT NULL DEFAULT now(),
    finished_at timestamptz(3),
    expires_at timestamptz(3)
  )`,
  `CREATE INDEX archives_by_tenant ON public.archives (tenant_id, created_at)`,
];

const OPERATORS = [
  // No lower() in the check of the address: the database's folds letters that the one spelling of an address leaves as they are.
  `CREATE TABLE public.operators (
    id uuid PRIMARY KEY,
    email text NOT NULL CHECK (length(email) <= 255),
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
    os_user text,
    os_host text,
    action text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('begun', 'done', 'refused', 'failed')),
    target_type text,
    target_id text,
    details jsonb,
    address text,
    user_agent text,
    request_id text NOT NULL
  )`,
  `COMMENT ON COLUMN public.operator_events.os_user IS 'of a command: who ran it on which machine, as the operating system says'`,
  `CREATE INDEX operator_events_by_time ON public.operator_events (at DESC, id DESC)`,
];
