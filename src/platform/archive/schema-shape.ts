import pg from 'pg';
import { OperatorError } from '../errors/app-error.ts';

/** A schema, and the connection to reach it by. The caller owns the connection and, unless it says otherwise, the transaction. */
export interface Place {
  client: pg.ClientBase;
  schema: string;
}

/** A table and the columns whose values are carried, in the order of the table: generated ones follow from the others. */
export interface TableShape {
  name: string;
  columns: string[];
}

export interface SequenceState {
  name: string;
  /** A bigint. */
  value: string;
  called: boolean;
}

/** What was moved or is on its way: rows and bytes of this table or file so far, as text of COPY. */
export interface TransferProgress {
  name: string;
  rows: number;
  /** Null when nobody has counted them. */
  expectedRows: number | null;
  bytes: number;
}

export type OnTransferProgress = (progress: TransferProgress) => void;

/** Says which migrations a schema has. It comes with the schema and is no part of what is in it. */
const LEDGER = 'migrations';

/**
 * How both ends of a transfer print and read values, whatever the settings of their servers and logins. Ends with the
 * transaction. Unqualified names find extensions alone, as everywhere in the product.
 */
const PLAIN_TEXT = `
  SET LOCAL client_encoding = 'UTF8'; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD';
  SET LOCAL IntervalStyle = 'postgres'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex';
  SET LOCAL lc_monetary = 'C'; SET LOCAL xmloption = 'content'; SET LOCAL search_path = 'extensions'`;

/** A transfer lasts as long as it lasts; with row security on, it would leave out rows without a word. */
const UNHURRIED = `
  SET LOCAL row_security = off; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0`;

/** @throws Error outside a transaction, where the settings would be gone with the next statement */
export async function pinSettings({ client }: Place): Promise<void> {
  // Not asked of the driver, which may not have heard of the transaction yet.
  await client.query('SAVEPOINT pinned');
  await client.query(`RELEASE SAVEPOINT pinned; ${PLAIN_TEXT}; ${UNHURRIED}`);
}

export function qualified(schema: string, name: string): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}

export function columnList(columns: string[]): string {
  return columns.map((column) => pg.escapeIdentifier(column)).join(', ');
}

/** All ordinary tables, sorted by name; `ledger` with the one that says which migrations ran. */
export async function listTables({ client, schema }: Place, { ledger = false } = {}): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
      WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND relkind = 'r' AND ($2 OR relname <> $3)
      ORDER BY relname COLLATE "C"`,
    [schema, ledger, LEDGER],
  );
  return rows.map(({ name }) => name);
}

export async function readTables(place: Place): Promise<TableShape[]> {
  const names = await listTables(place);
  const { rows } = await place.client.query<{ table: string; column: string }>(
    `SELECT relname AS table, attname AS column
       FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
      WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND relkind = 'r'
      ORDER BY attnum`,
    [place.schema],
  );
  const columns = Map.groupBy(rows, ({ table }) => table);
  return names.map((name) => ({ name, columns: (columns.get(name) ?? []).map(({ column }) => column) }));
}

/** Serial and identity columns count with these, the ledger's own left out. */
export async function readSequences({ client, schema }: Place): Promise<SequenceState[]> {
  const { rows: found } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class c
      WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND relkind = 'S' AND NOT EXISTS (
        SELECT 1 FROM pg_depend JOIN pg_class t ON t.oid = refobjid
         WHERE classid = 'pg_class'::regclass AND objid = c.oid AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i')
           AND t.relnamespace = c.relnamespace AND t.relname = $2)
      ORDER BY relname COLLATE "C"`,
    [schema, LEDGER],
  );
  if (found.length === 0) return [];
  const states = found.map(
    ({ name }) =>
      `SELECT ${pg.escapeLiteral(name)} AS name, last_value::text AS value, is_called AS called FROM ${qualified(schema, name)}`,
  );
  return (await client.query<SequenceState>(states.join(' UNION ALL '))).rows;
}

/** The newest migration in the ledger; 0 when there is none. */
export async function readSchemaVersion({ client, schema }: Place): Promise<number> {
  const { rows } = await client.query<{ version: string | null }>(
    `SELECT max("timestamp") AS version FROM ${qualified(schema, LEDGER)}`,
  );
  return Number(rows[0]?.version ?? 0);
}

/** @throws OperatorError naming the first table, column or sequence that the schema does not have */
export function refuseUnknown(
  schema: string,
  has: { tables: TableShape[]; sequences: SequenceState[] },
  wanted: { tables: TableShape[]; sequences: SequenceState[] },
): void {
  const known = new Map(has.tables.map(({ name, columns }) => [name, new Set(columns)]));
  for (const { name, columns } of wanted.tables) {
    const there = known.get(name);
    if (!there) throw new OperatorError(`Schema ${schema} has no table ${JSON.stringify(name)}. ${OTHER_VERSION}`);
    const column = columns.find((each) => !there.has(each));
    if (column !== undefined) {
      const where = `table ${JSON.stringify(name)} of schema ${schema}`;
      throw new OperatorError(`There is no column ${JSON.stringify(column)} to fill in ${where}. ${OTHER_VERSION}`);
    }
  }
  const sequences = new Set(has.sequences.map(({ name }) => name));
  const sequence = wanted.sequences.find(({ name }) => !sequences.has(name));
  if (sequence)
    throw new OperatorError(`Schema ${schema} has no sequence ${JSON.stringify(sequence.name)}. ${OTHER_VERSION}`);
}

const OTHER_VERSION = 'Its migrations are others than those of the rows: load into a schema of the same version.';
