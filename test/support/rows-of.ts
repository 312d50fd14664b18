import type pg from 'pg';

/** Every row of every table of a schema, as text and in an order of its own. */
export async function rowsOf(owner: pg.Pool, schema: string): Promise<Record<string, string[]>> {
  const { rows: tables } = await owner.query<{ name: string }>(
    'SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 ORDER BY 1',
    [schema],
  );
  const found: Record<string, string[]> = {};
  for (const { name } of tables) {
    const { rows } = await owner.query<{ row: string }>(
      `SELECT row_to_json(t)::text AS row FROM "${schema}"."${name}" t ORDER BY 1`,
    );
    found[name] = rows.map(({ row }) => row);
  }
  return found;
}
