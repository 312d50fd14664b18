import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Writable } from 'node:stream';
import type pg from 'pg';
import { openArchive } from '../../src/platform/archive/open-archive.ts';
import { beginSnapshot } from '../../src/platform/archive/snapshot.ts';
import { writeArchive } from '../../src/platform/archive/write-archive.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { libraryMigrations } from '../database/library.ts';
import { archiveOf, inPieces } from './archives.ts';
import { connect, makeSchema, type TestSchema } from './schema-on-server.ts';

const BOOKS = 64;
/** 64 MB, more than sockets and compression can hide. */
const UNPACKED = `ALTER TABLE "@tenant".books ALTER title SET STORAGE EXTERNAL`;
const MUCH = [
  UNPACKED,
  `INSERT INTO "@tenant".books (title)
   SELECT (SELECT string_agg(md5(book || ' ' || n), '') FROM generate_series(1, 31250) n) FROM generate_series(1, ${BOOKS}) book`,
];

/** Much takes its time where the machine has other work. */
const PATIENCE_MS = 90_000;

let database: TestDatabase;
let observer: pg.Client;
let source: TestSchema;

beforeAll(async () => {
  database = await createDatabase();
  observer = await connect(database.url);
  source = await makeSchema(observer, libraryMigrations, { rows: MUCH });
}, PATIENCE_MS);

afterAll(async () => {
  await observer.end();
  await database.drop();
});

async function backend(client: pg.Client): Promise<{ wait_event: string | null }[]> {
  const { processID } = client as pg.Client & { processID: number };
  const { rows } = await observer.query<{ wait_event: string | null }>(
    'SELECT wait_event FROM pg_stat_activity WHERE pid = $1',
    [processID],
  );
  return rows;
}

describe('an archive that nobody takes', () => {
  it(
    'makes the server wait instead of filling memory, and lets go of it when the taker is gone',
    async () => {
      const client = await connect(database.url);
      let taken = 0;
      const stuck = new Writable({
        write: (chunk: Buffer) => {
          taken += chunk.length;
        },
      });
      const from = await beginSnapshot(client, source.schema);
      const writing = writeArchive({ from, facts: {}, out: stuck });
      writing.catch(() => undefined);
      await eventually(async () => expect(await backend(client)).toEqual([{ wait_event: 'ClientWrite' }]));
      // What is waiting for its turn in this process.
      expect(taken + stuck.writableLength).toBeLessThan(2_000_000);
      stuck.destroy(new Error('the taker is gone'));
      await expect(writing).rejects.toThrow('the taker is gone');
      await eventually(async () => expect(await backend(client)).toEqual([]));
      await expect(client.query('ROLLBACK')).rejects.toThrow();
    },
    PATIENCE_MS,
  );
});

describe('an archive that is loaded', () => {
  it(
    'is read no faster than the server stores it',
    async () => {
      const { bytes } = await archiveOf({ client: observer, schema: source.schema });
      const client = await connect(database.url);
      const target = await makeSchema(client, libraryMigrations, { rows: [UNPACKED] });
      const blocker = await connect(database.url);
      const { processID } = client as pg.Client & { processID: number };
      await blocker.query(`SELECT pg_advisory_lock(77)`);
      // The second row makes the server wait until it is told to go on.
      await client.query(
        `ALTER TABLE "${target.schema}".books
         ADD CHECK (CASE WHEN id = 2 THEN pg_advisory_xact_lock_shared(77)::text IS NOT NULL ELSE true END)`,
      );
      let read = 0;
      const pieces = inPieces(bytes, 10_000);
      pieces.on('data', (piece: Buffer) => (read += piece.length)).pause();
      const archive = await openArchive(pieces);
      await client.query('BEGIN');
      const loading = archive.load({ client, schema: target.schema });
      loading.catch(() => undefined);
      await eventually(async () => {
        const { rows } = await observer.query('SELECT wait_event FROM pg_stat_activity WHERE pid = $1', [processID]);
        expect(rows).toEqual([{ wait_event: 'advisory' }]);
      }, 20_000);
      expect(read).toBeGreaterThan(0);
      expect(read).toBeLessThan(0.8 * bytes.length);
      await blocker.query('SELECT pg_advisory_unlock(77)');
      expect((await loading).tables.find(({ name }) => name === 'books')).toMatchObject({ rows: BOOKS });
      await client.query('COMMIT');
      await Promise.all([client.end(), blocker.end()]);
    },
    PATIENCE_MS,
  );
});
