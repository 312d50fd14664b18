import { columnList, pinSettings, qualified, readTables, type Place, type TableShape } from './schema-shape.ts';

export interface TableContents {
  rows: number;
  /** Does not depend on the order of rows or columns; equal on all versions of PostgreSQL that the product runs on. */
  checksum: string;
}

export interface TableDifference {
  table: string;
  /** Null where there is no such table. */
  from: TableContents | null;
  to: TableContents | null;
}

/**
 * Tables whose rows differ between two schemas; none when all are equal. Both places are in an open transaction, which
 * sees what it has written itself. Values that are computed from others are not compared, nor are sequences.
 */
export async function compareSchemas(from: Place, to: Place): Promise<TableDifference[]> {
  // Settled, not all: when one side fails, the other may still be busy on a connection that the caller goes on with.
  const [left, right] = await Promise.allSettled([contentsOf(from), contentsOf(to)]);
  if (left.status === 'rejected') throw left.reason;
  if (right.status === 'rejected') throw right.reason;
  const tables = [...new Set([...left.value.keys(), ...right.value.keys()])].sort();
  return tables
    .map((table) => ({ table, from: left.value.get(table) ?? null, to: right.value.get(table) ?? null }))
    .filter((each) => each.from?.rows !== each.to?.rows || each.from?.checksum !== each.to?.checksum);
}

async function contentsOf(place: Place): Promise<Map<string, TableContents>> {
  // Rolled back afterwards: a caller's transaction keeps its own settings.
  await place.client.query('SAVEPOINT compared');
  await pinSettings(place);
  const contents = new Map<string, TableContents>();
  for (const table of await readTables(place)) contents.set(table.name, await contentsOfTable(place, table));
  await place.client.query('ROLLBACK TO SAVEPOINT compared; RELEASE SAVEPOINT compared');
  return contents;
}

/** 64 bits of each row's hash, added up: addition forgets the order, and unlike XOR it sees a row that is there twice. */
async function contentsOfTable({ client, schema }: Place, { name, columns }: TableShape): Promise<TableContents> {
  const sorted = [...columns].sort();
  const { rows } = await client.query<{ rows: string; sum: string | null; columns: string }>(
    `SELECT count(*) AS rows, sum(('x' || left(md5(ROW(${columnList(sorted)})::text), 16))::bit(64)::bigint) AS sum, md5($1) AS columns
       FROM ONLY ${qualified(schema, name)}`,
    [sorted.join('\n')],
  );
  return { rows: Number(rows[0]!.rows), checksum: `${rows[0]!.columns}:${rows[0]!.sum ?? 0}` };
}
