import type { Pool } from 'pg';

/** Attempts that failed: strangers make them, so the organisation does not pay for them. */
const UNCOUNTED = 'failed_sign_ins';
const AUDIT = 'audit_events';
/** As many pages of the audit log are looked at, to estimate how much of it are sign-ins that were refused. */
const PAGES_LOOKED_AT = 500;
const PAGE_BYTES = 8_192;

/** Tables of a tenant with their indexes, in bytes, without what is known of sign-ins that were refused. */
export async function measureSchema(owner: Pool, schema: string): Promise<number> {
  const { rows } = await owner.query<{ name: string; bytes: string; main: string }>(
    `SELECT relname AS name, pg_total_relation_size(oid) AS bytes, pg_relation_size(oid) AS main FROM pg_class
      WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND relkind IN ('r', 'm')`,
    [schema],
  );
  const counted = rows.filter(({ name }) => name !== UNCOUNTED);
  const all = counted.reduce((sum, { bytes }) => sum + Number(bytes), 0);
  const audit = counted.find(({ name }) => name === AUDIT);
  if (!audit || Number(audit.main) === 0) return all;
  const share = await refusedShare(owner, schema, Number(audit.main) / PAGE_BYTES);
  return all - Math.floor(Number(audit.bytes) * share);
}

/** Of the bytes of the audit log; a table as small as most is read as a whole, of a large one a sample. */
async function refusedShare(owner: Pool, schema: string, pages: number): Promise<number> {
  const percent = Math.min(100, (100 * PAGES_LOOKED_AT) / pages);
  const { rows } = await owner.query<{ share: number | null }>(
    `SELECT (sum(pg_column_size(e.*)) FILTER (WHERE e.action = 'sign_in.refused'))::float8 / sum(pg_column_size(e.*)) AS share
       FROM "${schema}".${AUDIT} e TABLESAMPLE SYSTEM ($1) REPEATABLE (1)`,
    [percent],
  );
  return rows[0]?.share ?? 0;
}
