import type pg from 'pg';

/**
 * Table by table how many rows there are, and a sum over the versions of the rows (where each stands, and which
 * transaction wrote it): equal as long as nobody has written anything, be it the same values once more.
 */
export type State = Record<string, string>;

/** Of the tables that tenants share; not how often a sign-in failed, which is counted as a sign-in is refused. */
const SHARED = ['idempotency_keys', 'bulk_runs'];

const tables = new Map<string, string[]>();

/** Everything that is stored of the tenants with these schemas: their tables, their registry rows, and theirs in the schema `platform`. */
export async function stateOf(owner: pg.Pool, schemas: string[]): Promise<State> {
  const parts: string[] = [];
  for (const schema of schemas) {
    for (const table of await tablesOf(owner, schema)) {
      // That somebody was refused is written down, and is no change of what they asked for.
      const changing = table === 'audit_events' ? ` WHERE t.outcome <> 'refused'` : '';
      parts.push(hashed(`${schema}.${table}`, `"${schema}"."${table}" t${changing}`));
    }
    parts.push(hashed(`registry of ${schema}`, `public.tenants t WHERE t.schema_name = '${schema}'`));
    for (const table of ['tenant_domains', 'archives', 'subscriptions', 'former_slugs'])
      parts.push(
        hashed(
          `${table} of ${schema}`,
          `public.${table} t WHERE t.tenant_id = (SELECT id FROM public.tenants WHERE schema_name = '${schema}')`,
        ),
      );
    parts.push(hashed(`events of ${schema}`, `platform.outbox t WHERE t.tenant_schema = '${schema}'`));
    for (const table of SHARED)
      parts.push(hashed(`${table} of ${schema}`, `platform.${table} t WHERE t.tenant_schema = '${schema}'`));
  }
  const { rows } = await owner.query<{ name: string; value: string }>(parts.join(' UNION ALL '));
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

function hashed(name: string, from: string): string {
  const value = `count(*) || ' rows, ' || coalesce(sum(hashtextextended(t.ctid::text || t.xmin, 0)::numeric), 0)`;
  return `SELECT '${name}' AS name, ${value} AS value FROM ${from}`;
}

async function tablesOf(owner: pg.Pool, schema: string): Promise<string[]> {
  const known = tables.get(schema);
  if (known) return known;
  const { rows } = await owner.query<{ tablename: string }>('SELECT tablename FROM pg_tables WHERE schemaname = $1', [
    schema,
  ]);
  const found = rows.map((row) => row.tablename);
  if (found.length < 10) throw new Error(`${schema} has only ${found.length} tables: is that a tenant?`);
  tables.set(schema, found);
  return found;
}

/** Names of what differs. */
export function changes(before: State, after: State): string[] {
  return Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name]);
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Every id that stands in any row of the schema. */
export async function idsIn(owner: pg.Pool, schema: string): Promise<Set<string>> {
  const parts = [
    ...(await tablesOf(owner, schema)).map((table) => `SELECT t::text AS row FROM "${schema}"."${table}" t`),
    ...SHARED.map((table) => `SELECT t::text FROM platform.${table} t WHERE t.tenant_schema = '${schema}'`),
  ];
  const { rows } = await owner.query<{ row: string }>(parts.join(' UNION ALL '));
  return new Set(rows.flatMap(({ row }) => row.match(UUID) ?? []));
}
