import type { EntityManager } from 'typeorm';
import { listPage, registryReader, type ListColumn } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { NO_LIMITS, type Tenant, type TenantLimits, type TenantStatus } from '../platform/tenancy/tenant.types.ts';

/** A tenant with what its plan allows, in one row: what every request starts from. It survives JSON. */
export interface TenantRow {
  id: string;
  slug: string;
  name: string;
  status: TenantStatus;
  plan: string;
  /** What its plan allows. */
  planLimits: Partial<TenantLimits>;
  /** What was agreed on otherwise. */
  limits: Partial<TenantLimits>;
  storageBytes: string;
  cluster: string;
  schemaName: string;
  roleName: string | null;
  home: number;
  schemaVersion: string;
  version: number;
  createdAt: Date | string;
  updatedAt: Date | string;
  deletedAt: Date | string | null;
  purgeAfter: Date | string | null;
}

const TENANT_COLUMNS = `t.id, t.slug, t.name, t.status, t.plan, p.limits AS "planLimits", t.limits, t.storage_bytes AS "storageBytes",
         t.cluster, t.schema_name AS "schemaName", t.role_name AS "roleName", t.home, t.schema_version AS "schemaVersion",
         t.version, t.created_at AS "createdAt", t.updated_at AS "updatedAt", t.deleted_at AS "deletedAt", t.purge_after AS "purgeAfter"`;
const TENANT_TABLES = 'public.tenants t JOIN public.plans p ON p.key = t.plan';
const TENANT = `SELECT ${TENANT_COLUMNS} FROM ${TENANT_TABLES}`;

const LISTED: Record<string, ListColumn> = {
  q: { sql: `t.slug || ' ' || t.name`, type: 'text', byPart: true },
  slug: { sql: 't.slug', type: 'text' },
  name: { sql: 't.name', type: 'text' },
  status: { sql: 't.status', type: 'text' },
  plan: { sql: 't.plan', type: 'text' },
  cluster: { sql: 't.cluster', type: 'text' },
  createdAt: { sql: 't.created_at', type: 'timestamptz' },
  storageBytes: { sql: 't.storage_bytes', type: 'numeric' },
};

const BY = {
  id: 't.id = $1',
  slug: 't.slug = $1',
  schema: 't.schema_name = $1',
  domain: 't.id = (SELECT d.tenant_id FROM public.tenant_domains d WHERE d.domain = $1 AND d.verified_at IS NOT NULL)',
  formerSlug: 't.id = (SELECT f.tenant_id FROM public.former_slugs f WHERE f.slug = $1)',
};

/** What identifies a tenant. */
export type TenantKey = keyof typeof BY;

export async function findTenant(registry: EntityManager, key: TenantKey, value: string): Promise<TenantRow | null> {
  const rows = await registry.query<TenantRow[]>(`${TENANT} WHERE ${BY[key]}`, [value]);
  return rows[0] ?? null;
}

export async function listTenants(
  registry: EntityManager,
  { status, cluster }: { status?: TenantStatus; cluster?: string },
): Promise<TenantRow[]> {
  return registry.query(
    `${TENANT} WHERE ($1::text IS NULL OR t.status = $1) AND ($2::text IS NULL OR t.cluster = $2) ORDER BY t.created_at, t.id`,
    [status ?? null, cluster ?? null],
  );
}

/** `q` finds what has one of the texts in its slug or name. */
export function pageOfTenants(registry: EntityManager, query: ListQuery): Promise<Page<TenantRow>> {
  return listPage<TenantRow>(
    registryReader(registry),
    {
      select: TENANT_COLUMNS,
      from: `${TENANT_TABLES} WHERE true`,
      parameters: [],
      columns: LISTED,
      id: { sql: 't.id', type: 'uuid' },
    },
    query,
  );
}

/** What each plan allows. */
export async function loadPlanLimits(registry: EntityManager): Promise<Record<string, Partial<TenantLimits>>> {
  const rows = await registry.query<{ key: string; limits: Partial<TenantLimits> }[]>(
    'SELECT key, limits FROM public.plans',
  );
  return Object.fromEntries(rows.map(({ key, limits }) => [key, limits]));
}

/** @param planLimits where they are known better than from the row, which may come out of a cache */
export function toTenant(row: TenantRow, planLimits = row.planLimits): Tenant {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    status: row.status,
    plan: row.plan,
    limits: { ...NO_LIMITS, ...planLimits, ...row.limits },
    storageBytes: Number(row.storageBytes),
    schemaVersion: Number(row.schemaVersion),
    version: row.version,
    // The row may come out of a cache, where a Date has become its ISO text.
    createdAt: new Date(row.createdAt),
    updatedAt: new Date(row.updatedAt),
    deletedAt: row.deletedAt === null ? null : new Date(row.deletedAt),
    purgeAfter: row.purgeAfter === null ? null : new Date(row.purgeAfter),
    binding: { cluster: row.cluster, schema: row.schemaName, role: row.roleName, home: row.home },
  };
}
