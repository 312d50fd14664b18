import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { MigrationClass } from '../../src/platform/database/migration-recorder.ts';
import {
  asScript,
  CREATE_LEDGER,
  migrationStatements,
  TenantScript,
  type TenantSeed,
} from '../../src/platform/database/tenant-script.ts';
import { prepareTextSearch } from '../../src/platform/database/text-search.ts';

export interface TestSchema {
  client: pg.Client;
  schema: string;
}

/** A connection that nobody misses when it breaks. */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** A migrated and seeded schema, as provisioning makes it but for its role; `rows` are statements with "@tenant". */
export async function makeSchema(
  client: pg.Client,
  migrations: MigrationClass[],
  { seed = () => [], rows = [] }: { seed?: TenantSeed; rows?: string[] } = {},
): Promise<TestSchema> {
  const schema = `t_${randomBytes(8).toString('hex')}`;
  await client.query('CREATE SCHEMA IF NOT EXISTS extensions');
  await prepareTextSearch(client, 'of the test');
  const script = await TenantScript.record(migrations, seed);
  const made = ['CREATE SCHEMA "@tenant"', CREATE_LEDGER, ...script.migrations.flatMap(migrationStatements)];
  await client.query(`BEGIN; ${asScript([...made, ...script.seeds, ...rows], schema)} COMMIT`);
  return { client, schema };
}

/** All rows of all tables but the ledger, in an order of their own, and where the sequences are: computed columns count too. */
export async function contents({ client, schema }: TestSchema): Promise<Record<string, string>> {
  const { rows: tables } = await client.query<{ name: string; columns: string[] }>(
    `SELECT relname AS name, array_agg(quote_ident(attname) ORDER BY attname) AS columns
       FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
      WHERE relnamespace = $1::regnamespace AND relkind = 'r' AND relname <> 'migrations' GROUP BY relname`,
    [schema],
  );
  const { rows: sequences } = await client.query<{ name: string; state: string }>(
    `SELECT sequencename AS name, coalesce(last_value::text, 'unused') AS state FROM pg_sequences
      WHERE schemaname = $1`,
    [schema],
  );
  const found: Record<string, string> = {};
  for (const { name, state } of sequences) found[name] = state;
  await client.query(`SET TimeZone = 'Asia/Kathmandu'`);
  for (const { name, columns } of tables) {
    const list = columns.join(', ');
    const sql = `COPY (SELECT ${list} FROM "${schema}".${pg.escapeIdentifier(name)} ORDER BY ROW(${list})::text COLLATE "C") TO STDOUT`;
    found[name] = await text(client.query(copyTo(sql)));
  }
  return found;
}
