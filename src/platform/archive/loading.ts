import pg from 'pg';
import { columnList, pinSettings, qualified, type Place, type SequenceState, type TableShape } from './schema-shape.ts';

interface ForeignKey {
  table: string;
  name: string;
  definition: string;
  comment: string | null;
}

interface Index {
  name: string;
  /** The statement that makes it. */
  definition: string;
}

interface Trigger {
  table: string;
  name: string;
  /** As in pg_trigger: fires for the origin, always, or on replicas. */
  enabled: 'O' | 'A' | 'R';
}

const ENABLE: Record<Trigger['enabled'], string> = { O: 'ENABLE', A: 'ENABLE ALWAYS', R: 'ENABLE REPLICA' };

/** For making indexes, which is most of the work of a load. */
const MEMORY = '256MB';

/**
 * Empties all tables of the schema (the rows that seeds put there) and makes them take rows in any order and fast: foreign
 * keys and indexes are gone and triggers silent until `finish`. An index is made of all rows at once in a fraction of the
 * time that it takes to keep it up row by row. All of it in the caller's transaction, so that a rollback brings everything back.
 */
export async function openForLoading(place: Place, tables: TableShape[]): Promise<Loading> {
  await pinSettings(place);
  const foreignKeys = await readForeignKeys(place);
  const indexes = await readIndexes(place);
  const triggers = await readTriggers(place);
  const { client, schema } = place;
  for (const { table, name } of foreignKeys)
    await client.query(`ALTER TABLE ${qualified(schema, table)} DROP CONSTRAINT ${pg.escapeIdentifier(name)}`);
  for (const { name } of indexes) await client.query(`DROP INDEX ${qualified(schema, name)}`);
  for (const { table, name } of triggers)
    await client.query(`ALTER TABLE ${qualified(schema, table)} DISABLE TRIGGER ${pg.escapeIdentifier(name)}`);
  const loading = new Loading(place, tables, { foreignKeys, indexes, triggers });
  await loading.empty();
  return loading;
}

class Loading {
  readonly #names: string;

  constructor(
    private readonly place: Place,
    tables: TableShape[],
    private readonly away: { foreignKeys: ForeignKey[]; indexes: Index[]; triggers: Trigger[] },
  ) {
    this.#names = tables.map(({ name }) => qualified(place.schema, name)).join(', ');
  }

  async empty(): Promise<void> {
    if (this.#names !== '') await this.place.client.query(`TRUNCATE ${this.#names}`);
  }

  /** Sequences go on where they were; foreign keys are checked as they come back. */
  async finish(sequences: SequenceState[]): Promise<void> {
    const { client, schema } = this.place;
    for (const { name, value, called } of sequences) {
      const sequence = qualified(schema, name);
      // setval() alone outlives a rollback; on a sequence that this transaction has restarted it goes with it.
      await client.query(`ALTER SEQUENCE ${sequence} RESTART`);
      await client.query('SELECT setval($1::regclass, $2::bigint, $3)', [sequence, value, called]);
    }
    // A table with checks that are still to come refuses to be altered.
    await client.query('SET CONSTRAINTS ALL IMMEDIATE');
    await client.query(`SET LOCAL maintenance_work_mem = '${MEMORY}'`);
    for (const { definition } of this.away.indexes) await client.query(definition);
    for (const { table, name, definition, comment } of this.away.foreignKeys) {
      const [on, constraint] = [qualified(schema, table), pg.escapeIdentifier(name)];
      await client.query(`ALTER TABLE ${on} ADD CONSTRAINT ${constraint} ${definition}`);
      if (comment !== null)
        await client.query(`COMMENT ON CONSTRAINT ${constraint} ON ${on} IS ${pg.escapeLiteral(comment)}`);
    }
    for (const { table, name, enabled } of this.away.triggers)
      await client.query(
        `ALTER TABLE ${qualified(schema, table)} ${ENABLE[enabled]} TRIGGER ${pg.escapeIdentifier(name)}`,
      );
    // Or the first queries would be planned for empty tables.
    if (this.#names !== '') await client.query(`ANALYZE ${this.#names}`);
  }
}

export function copyOutStatement(
  schema: string,
  table: string,
  columns: string[],
  { nulled = [], without = 'false' }: { nulled?: string[]; without?: string } = {},
): string {
  const values = columns.map((column) => (nulled.includes(column) ? 'NULL' : pg.escapeIdentifier(column)));
  return `COPY (SELECT ${values.join(', ')} FROM ONLY ${qualified(schema, table)} WHERE (${without}) IS NOT TRUE) TO STDOUT WITH (ENCODING 'UTF8')`;
}

export function copyInStatement(schema: string, { name, columns }: TableShape): string {
  // Without a list it takes all but generated columns: none, for a table that has no others.
  const list = columns.length === 0 ? '' : ` (${columnList(columns)})`;
  return `COPY ${qualified(schema, name)}${list} FROM STDIN WITH (ENCODING 'UTF8')`;
}

async function readForeignKeys({ client, schema }: Place): Promise<ForeignKey[]> {
  // A partition's own copy of its parent's key (conparentid) comes and goes with it.
  const { rows } = await client.query<ForeignKey>(
    `SELECT relname AS table, conname AS name, pg_get_constraintdef(k.oid) AS definition, obj_description(k.oid, 'pg_constraint') AS comment
       FROM pg_constraint k JOIN pg_class ON pg_class.oid = conrelid
      WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND contype = 'f' AND conparentid = 0
      ORDER BY relname, conname`,
    [schema],
  );
  return rows;
}

/** Those that belong to no constraint and have nothing but their definition: no comment, no part in replication or order. */
async function readIndexes({ client, schema }: Place): Promise<Index[]> {
  const { rows } = await client.query<Index>(
    `SELECT c.relname AS name, pg_get_indexdef(c.oid) AS definition
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND c.relkind = 'i' AND NOT c.relispartition
        AND i.indisvalid AND NOT i.indisclustered AND NOT i.indisreplident AND c.reltablespace = 0
        AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype <> 'f')
        AND NOT EXISTS (SELECT 1 FROM pg_description d WHERE d.objoid = c.oid AND d.classoid = 'pg_class'::regclass)
        AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attstattarget >= 0 AND a.attstattarget IS NOT NULL)
      ORDER BY c.relname`,
    [schema],
  );
  return rows;
}

async function readTriggers({ client, schema }: Place): Promise<Trigger[]> {
  const { rows } = await client.query<Trigger>(
    `SELECT relname AS table, tgname AS name, tgenabled AS enabled
       FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
      WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND relkind = 'r' AND NOT tgisinternal AND tgenabled <> 'D'
      ORDER BY relname, tgname`,
    [schema],
  );
  return rows;
}
