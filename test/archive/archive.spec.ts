import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type pg from 'pg';
import { tenantMigrations } from '../../migrations/tenant/index.ts';
import type { LeaveOut } from '../../src/platform/archive/left-out.ts';
import { openArchive } from '../../src/platform/archive/open-archive.ts';
import type { TransferProgress } from '../../src/platform/archive/schema-shape.ts';
import { describeSchema } from '../../src/platform/database/schema-fingerprint.ts';
import { OperatorError } from '../../src/platform/errors/app-error.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { startSecondServer, type SecondServer } from '../support/second-server.ts';
import { archiveOf, inPieces, load } from './archives.ts';
import { NASTY_ROWS, nastyMigrations, nastySeed } from './nasty.ts';
import { connect, contents, makeSchema } from './schema-on-server.ts';

let database: TestDatabase;
let second: SecondServer;
const clients: pg.Client[] = [];

const here = () => opened(database.url);
const there = () => opened(second.url);

async function opened(url: string): Promise<pg.Client> {
  const client = await connect(url);
  clients.push(client);
  return client;
}

beforeAll(async () => {
  database = await createDatabase();
  second = await startSecondServer();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
});

afterAll(async () => {
  await second.stop();
  await database.drop();
});

describe.each([
  ['PostgreSQL 18 into 16', () => here(), () => there()],
  ['PostgreSQL 16 into 18', () => there(), () => here()],
])('an archive from %s', (_, from, to) => {
  it('loads row by row as it was written, and leaves constraints and triggers as they were', async () => {
    const source = await makeSchema(await from(), nastyMigrations, { seed: nastySeed, rows: NASTY_ROWS });
    const target = await makeSchema(await to(), nastyMigrations, { seed: nastySeed });
    const before = await describeSchema(target.client, target.schema);
    const { bytes, manifest } = await archiveOf(source);
    expect(await load(bytes, target)).toEqual(manifest);
    const expected = await contents(source);
    expect(expected['places']).toBe('1\t1\n1\t2\n2\t1\n');
    expect(await contents(target)).toEqual(expected);
    expect(await describeSchema(target.client, target.schema)).toEqual(before);
  });
});

describe('an archive', () => {
  it('says before its rows what it holds, and behind them what there was', async () => {
    const source = await makeSchema(await here(), nastyMigrations, { seed: nastySeed, rows: NASTY_ROWS });
    const { bytes, manifest } = await archiveOf(source);
    const archive = await openArchive(inPieces(bytes, 1));
    archive.close();
    expect(archive.head).toMatchObject({
      product: 'ProjectFlow',
      format: 1,
      facts: { name: 'Acme', slug: 'acme', plan: null },
      schemaVersion: 1_700_000_000_001,
      serverVersion: expect.stringMatching(/^18\./),
      leftOut: { tables: [], rows: {}, columns: {} },
    });
    expect(archive.head.tables).toContainEqual({ name: 'a_left', columns: ['id', 'right_id'], rows: 100 });
    expect(archive.head.tables.map(({ name }) => name)).not.toContain('migrations');
    const table = (await contents(source))['nothing'];
    expect(table).toBe('');
    const nothing = { name: 'nothing', rows: 0, bytes: 0, sha256: createHash('sha256').digest('hex') };
    expect(manifest.tables).toContainEqual(nothing);
  });

  it('can be verified without a database, once', async () => {
    const source = await makeSchema(await here(), nastyMigrations, { rows: NASTY_ROWS });
    const { bytes, manifest } = await archiveOf(source);
    const archive = await openArchive(inPieces(bytes));
    expect(await archive.verify()).toEqual(manifest);
    await expect(archive.verify()).rejects.toThrow('read once');
  });

  it('tells how far it is, on the way out and on the way in', async () => {
    const rows = [`INSERT INTO "@tenant".nothing SELECT n, repeat('x', 100) FROM generate_series(1, 3000) n`];
    const source = await makeSchema(await here(), nastyMigrations, { rows });
    const [out, back]: TransferProgress[][] = [[], []];
    const { bytes, manifest } = await archiveOf(source, { onProgress: (step) => out!.push(step) });
    const target = await makeSchema(await here(), nastyMigrations);
    await load(bytes, target, { onProgress: (step) => back!.push(step) });
    const size = manifest.tables.find(({ name }) => name === 'nothing')!.bytes;
    for (const steps of [out!, back!]) {
      const mine = steps.filter(({ name }) => name === 'nothing');
      expect(mine.length).toBeGreaterThan(1);
      expect(mine.at(-1)).toEqual({ name: 'nothing', rows: 3000, expectedRows: 3000, bytes: size });
    }
  });

  it('loads into a schema whose columns are in another order, and fills new ones with their defaults', async () => {
    const source = await makeSchema(await here(), nastyMigrations, { rows: NASTY_ROWS });
    const target = await makeSchema(await there(), nastyMigrations);
    await target.client.query(
      `ALTER TABLE "${target.schema}".a_right DROP left_id;
       ALTER TABLE "${target.schema}".a_right ADD note text DEFAULT 'new';
       ALTER TABLE "${target.schema}".a_right ADD left_id integer REFERENCES "${target.schema}".a_left`,
    );
    const { bytes } = await archiveOf(source);
    await load(bytes, target);
    const { rows } = await target.client.query(`SELECT left_id, note FROM "${target.schema}".a_right WHERE id = 42`);
    expect(rows).toEqual([{ left_id: 43, note: 'new' }]);
  });

  it('carries files of any size beside the tables, each under its path', async () => {
    const source = await makeSchema(await here(), nastyMigrations);
    const big = randomBytes(3_000_000);
    const files = [
      { path: 'attachments/ünï cödé.bin', content: inPieces(big, 700_000) },
      { path: 'empty', content: inPieces(Buffer.alloc(0)) },
      { path: 'one piece', content: inPieces(big, 3_000_000) },
    ];
    const { bytes, manifest } = await archiveOf(source, { files });
    expect(manifest.files.map(({ path, bytes: size }) => [path, size])).toEqual([
      ['attachments/ünï cödé.bin', 3_000_000],
      ['empty', 0],
      ['one piece', 3_000_000],
    ]);
    const found = new Map<string, Buffer>();
    const target = await makeSchema(await here(), nastyMigrations);
    await load(bytes, target, { onFile: async (path, content) => void found.set(path, await buffer(content)) });
    expect([...found.keys()]).toEqual(files.map(({ path }) => path));
    expect(found.get('attachments/ünï cödé.bin')!.equals(big)).toBe(true);
    expect(found.get('empty')).toHaveLength(0);
    expect(found.get('one piece')!.equals(big)).toBe(true);
    // Whoever does not care for them, or stops in the middle of one, gets the rows nevertheless.
    await load(bytes, target);
    await load(bytes, target, {
      onFile: async (_, content) => {
        for await (const piece of content) if (piece.length > 0) break;
      },
    });
  });

  it('refuses to carry a file out of its folder', async () => {
    const source = await makeSchema(await here(), nastyMigrations);
    const files = [{ path: '../escaped', content: inPieces(Buffer.from('x')) }];
    await expect(archiveOf(source, { files })).rejects.toThrow('cannot be called');
  });
});

describe('an archive that leaves the house', () => {
  const rows = [
    `INSERT INTO "@tenant".users (id, email, first_name, last_name) VALUES (gen_random_uuid(), 'ann@acme.test', 'Ann', 'A')`,
    `INSERT INTO "@tenant".projects (id, name, description, status, owner_id) SELECT gen_random_uuid(), 'Apollo', 's3cret', 'active', id FROM "@tenant".users`,
    `INSERT INTO "@tenant".sessions (id, user_id, expires_at) SELECT gen_random_uuid(), id, now() FROM "@tenant".users`,
    `INSERT INTO "@tenant".tokens (hash, purpose, session_id, expires_at) SELECT '\\x00', 'refresh', id, now() FROM "@tenant".sessions`,
    `INSERT INTO "@tenant".sign_in_providers (id, key, name, kind, client_id, role) VALUES (gen_random_uuid(), 'company', 'Company', 'github', 'us', 'member')`,
    `INSERT INTO "@tenant".credentials (user_id, type, id, secret) SELECT id, 'password', id, 'h4sh' FROM "@tenant".users`,
    `INSERT INTO "@tenant".credentials (user_id, type, id, provider_id, key) SELECT u.id, 'identity', p.id, p.id, 'subject-7'
       FROM "@tenant".users u, "@tenant".sign_in_providers p`,
  ];

  it('holds no passwords and no sessions, says so, and loads', async () => {
    const source = await makeSchema(await here(), tenantMigrations, { rows });
    const where = `type <> 'identity'`;
    const leaveOut = {
      sessions: true as const,
      tokens: true as const,
      credentials: { where },
      projects: ['description'],
    };
    const { bytes, manifest } = await archiveOf(source, { leaveOut });
    const archive = await openArchive(inPieces(bytes));
    archive.close();
    expect(archive.head.leftOut).toEqual({
      tables: ['sessions', 'tokens'],
      rows: { credentials: where },
      columns: { projects: ['description'] },
    });
    expect(archive.head.tables).toContainEqual(expect.objectContaining({ name: 'credentials', rows: 1 }));
    expect(manifest.tables).toContainEqual(expect.objectContaining({ name: 'credentials', rows: 1 }));
    const target = await makeSchema(await there(), tenantMigrations, { rows });
    await load(bytes, target);
    const found = await contents(target);
    expect(found).toMatchObject({ sessions: '', tokens: '' });
    expect(found['credentials']).toContain('subject-7');
    expect(found['credentials']).not.toContain('h4sh');
    expect(found['users']).toContain('ann@acme.test');
    expect(found['projects']).toContain('Apollo');
    expect(found['projects']).not.toContain('s3cret');
  });

  it.each<[string, LeaveOut, string]>([
    ['rows that others refer to', { sessions: true }, 'rows of tokens refer to it by session_id'],
    ['some rows of a table that others refer to', { sessions: { where: 'false' } }, 'rows of tokens refer to it'],
    ['a column that may not be NULL', { users: ['email'] }, 'users.email cannot be left out'],
    ['a table that is not there', { secrets: true }, 'no table "secrets"'],
    ['a column that is not there', { users: ['password'] }, 'no column "password"'],
  ])('cannot be written without %s', async (_, leaveOut, message) => {
    const source = await makeSchema(await here(), tenantMigrations, { rows });
    const writing = archiveOf(source, { leaveOut });
    await expect(writing).rejects.toThrow(message);
    await expect(writing).rejects.toBeInstanceOf(OperatorError);
  });
});
