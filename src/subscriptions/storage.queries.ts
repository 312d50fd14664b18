import type { Pool } from 'pg';

const AUDIT = 'audit_events';
/** As many pages of the audit log are looked at, to estimate how much of it are sign-ins that were refused. */
const PAGES_LOOKED_AT = 500;
const PAGE_BYTES = 8_192;

/** Tables of a tenant with their indexes, in bytes, without the audit log's part of sign-ins that were refused: strangers make those, so the organisation does not pay for them. */
export async function measureSchema(owner: Pool, schema: string): Promise<number> {
  const { rows } = await owner.query<{ name: string; bytes: string; main: string }>(
    `SELECT relname AS name, pg_total_relation_size(oid) AS bytes, pg_relation_size(oid) AS main FROM pg_class
      WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND relkind IN ('r', 'm')`,
    [schema],
  );
  const all = rows.reduce((sum, { bytes }) => sum + Number(bytes), 0);
  const audit = rows.find(({ name }) => name === AUDIT);
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
