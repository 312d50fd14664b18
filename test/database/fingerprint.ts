import type pg from 'pg';
import type { TenantBinding } from '../../src/platform/database/lease.ts';

const PARTS: Record<string, string> = {
  columns: `
    SELECT c.relname AS relation, c.relkind, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required,
           a.attgenerated AS generated, a.attidentity AS identity, a.attcollation::regcollation::text AS collation,
           pg_get_expr(d.adbin, d.adrelid) AS fallback, col_description(c.oid, a.attnum) AS comment
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
     WHERE c.relnamespace = $1 AND c.relkind <> 'i' ORDER BY c.relname, a.attnum`,
  constraints: `
    SELECT conrelid::regclass::text AS relation, conname AS name, contype AS kind, pg_get_constraintdef(oid) AS definition,
           condeferrable, condeferred
      FROM pg_constraint WHERE connamespace = $1 ORDER BY 1, 2`,
  indexes: `
    SELECT c.relname AS name, pg_get_indexdef(c.oid) AS definition, i.indisunique, i.indisvalid, obj_description(c.oid) AS comment
      FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE c.relnamespace = $1 ORDER BY 1`,
  relations: `
    SELECT relname AS name, relkind, relpersistence, relrowsecurity, relowner::regrole::text AS owner, reloptions,
           (SELECT array_agg(acl::text ORDER BY acl::text) FROM unnest(relacl) acl) AS privileges
      FROM pg_class WHERE relnamespace = $1 AND relkind <> 'i' ORDER BY 1`,
  schema: `
    SELECT nspowner::regrole::text AS owner, nspacl::text AS privileges,
           (SELECT array_agg(defaclobjtype::text || defaclacl::text ORDER BY defaclobjtype) FROM pg_default_acl WHERE defaclnamespace = $1) AS defaults
      FROM pg_namespace WHERE oid = $1`,
  functions: `SELECT proname AS name, pg_get_functiondef(oid) AS definition, proacl::text AS privileges FROM pg_proc WHERE pronamespace = $1 ORDER BY 1`,
  triggers: `
    SELECT tgname AS name, pg_get_triggerdef(t.oid) AS definition
      FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE c.relnamespace = $1 AND NOT tgisinternal ORDER BY 1`,
};

/** Everything the catalogue knows of a schema, with its own names taken out: equal for schemas that are made alike. */
export async function fingerprint(owner: pg.Pool, { schema, role }: TenantBinding): Promise<Record<string, unknown[]>> {
  const {
    rows: [namespace],
  } = await owner.query<{ oid: number }>('SELECT oid FROM pg_namespace WHERE nspname = $1', [schema]);
  if (!namespace) throw new Error(`there is no schema ${schema}`);
  const parts: Record<string, unknown[]> = {};
  for (const [part, sql] of Object.entries(PARTS)) {
    const { rows } = await owner.query<object>(sql, [namespace.oid]);
    const text = JSON.stringify(rows);
    parts[part] = JSON.parse(
      (role === null ? text : text.replaceAll(role, '@role')).replaceAll(schema, '@tenant'),
    ) as unknown[];
  }
  return parts;
}
