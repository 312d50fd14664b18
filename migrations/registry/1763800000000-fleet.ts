import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where tenants live, what they pay for, how they are called, and what is being done to them. */
export class Fleet1763800000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [...PLACES, ...PLANS, ...NAMES, ...LIFE, ...WORK]) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `DROP TABLE public.archives, public.tenant_moves, public.usage_daily, public.former_slugs, public.tenant_domains, public.subscriptions`,
    );
    await queryRunner.query(
      `ALTER TABLE public.tenants DROP COLUMN cluster, DROP COLUMN limits, DROP COLUMN storage_bytes, DROP COLUMN version, DROP COLUMN deleted_at, DROP COLUMN purge_started_at,
         DROP COLUMN purge_after, DROP COLUMN migration_wanted_at, DROP COLUMN migration_lease_until, DROP COLUMN migration_holder,
         DROP COLUMN migration_error, DROP CONSTRAINT tenants_plan_fkey`,
    );
    await queryRunner.query(`ALTER TABLE public.ready_schemas DROP COLUMN cluster, DROP COLUMN state`);
    await queryRunner.query(`DROP TABLE public.plans, public.clusters`);
  }
}

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
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (url IS NOT NULL OR name = 'main')
  )`,
  `COMMENT ON COLUMN public.clusters.url IS 'owner login, AES-256-GCM under ENCRYPTION_KEY; main is the database of the registry and needs none'`,
  `COMMENT ON COLUMN public.clusters.plans IS 'plans whose tenants may be placed here; empty: all'`,
  `COMMENT ON COLUMN public.clusters.dedicated IS 'kept for one tenant, which is put here by name'`,
  `INSERT INTO public.clusters (name) VALUES ('main')`,
  `-- lint allow scan-under-lock: a row for each organisation, and sign-ups wait for milliseconds
   ALTER TABLE public.tenants ADD COLUMN cluster text NOT NULL DEFAULT 'main' REFERENCES public.clusters`,
  `-- lint allow index-under-lock: a row for each organisation, and sign-ups wait for milliseconds
   CREATE INDEX tenants_by_cluster ON public.tenants (cluster)`,
  // A row is written before its schema is made and told when it is complete: a crash in between leaves a trace.
  `-- lint allow scan-under-lock: a handful of rows
   ALTER TABLE public.ready_schemas ADD COLUMN cluster text NOT NULL DEFAULT 'main' REFERENCES public.clusters,
     ADD COLUMN state text NOT NULL DEFAULT 'ready' CHECK (state IN ('making', 'ready'))`,
];

const PLANS = [
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
  `-- lint allow scan-under-lock: a row for each organisation, and sign-ups wait for milliseconds
   ALTER TABLE public.tenants DROP CONSTRAINT tenants_plan_check,
     ADD CONSTRAINT tenants_plan_fkey FOREIGN KEY (plan) REFERENCES public.plans`,
  // Beside the tenant, so that one row answers a request: limits is what of the plan was agreed on otherwise.
  `ALTER TABLE public.tenants ADD COLUMN limits jsonb NOT NULL DEFAULT '{}', ADD COLUMN storage_bytes bigint NOT NULL DEFAULT 0`,
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
  `INSERT INTO public.subscriptions (tenant_id, plan, started_at) SELECT id, plan, created_at FROM public.tenants`,
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
];

const LIFE = [
  `ALTER TABLE public.tenants ADD COLUMN version integer NOT NULL DEFAULT 1, ADD COLUMN deleted_at timestamptz,
     ADD COLUMN purge_after timestamptz, ADD COLUMN purge_started_at timestamptz`,
  `COMMENT ON COLUMN public.tenants.purge_started_at IS 'from here on it cannot be restored, only purged to the end'`,
  `-- lint allow index-under-lock: a row for each organisation, and sign-ups wait for milliseconds
   CREATE INDEX tenants_to_purge ON public.tenants (purge_after) WHERE status = 'deleted'`,
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

const WORK = [
  `ALTER TABLE public.tenants ADD COLUMN migration_wanted_at timestamptz, ADD COLUMN migration_lease_until timestamptz,
     ADD COLUMN migration_holder text, ADD COLUMN migration_error text`,
  `COMMENT ON COLUMN public.tenants.migration_wanted_at IS 'somebody was turned away because the schema is behind: goes first'`,
];
