import type pg from 'pg';

/**
 * Tables of the schema `platform` with rows of tenants, each under the name of its tenant's schema. Row security ties them to
 * the current role; where tenants have no roles the statements alone do.
 */
const TENANT_ROWS = ['outbox', 'idempotency_keys', 'bulk_runs', 'failed_sign_ins'] as const;

/** Those that live for days, and go along when their tenant moves; events go their own way, for they are not to be heard early. */
const SHORT_LIVED = ['idempotency_keys', 'bulk_runs', 'failed_sign_ins'] as const;

const ROWS_AT_A_TIME = 200;

/** Removes what the platform has of a schema that is gone. */
export async function removeTenantRows(platform: pg.Pool, schema: string): Promise<void> {
  for (const table of TENANT_ROWS)
    await platform.query(`DELETE FROM platform.${table} WHERE tenant_schema = $1`, [schema]);
}

/**
 * Copies them for a tenant that moves, under the name of its new schema. Those of the old one stay, for it may be gone back to.
 *
 * @param from owner's connection in a transaction, in which writers of the old schema wait
 */
export async function copyTenantRows(
  from: { client: pg.ClientBase; schema: string },
  to: { client: pg.ClientBase; schema: string },
): Promise<void> {
  for (const table of SHORT_LIVED) {
    await from.client.query(
      `DECLARE tenant_rows NO SCROLL CURSOR FOR
       SELECT to_jsonb(t) || '{"tenant_schema": "${to.schema}"}' AS row FROM platform.${table} t WHERE tenant_schema = '${from.schema}'`,
    );
    for (;;) {
      const { rows } = await from.client.query<{ row: object }>(`FETCH ${ROWS_AT_A_TIME} FROM tenant_rows`);
      if (rows.length === 0) break;
      await to.client.query(
        `INSERT INTO platform.${table} SELECT each.* FROM jsonb_populate_recordset(NULL::platform.${table}, $1) each`,
        [JSON.stringify(rows.map(({ row }) => row))],
      );
    }
    await from.client.query('CLOSE tenant_rows');
  }
}
