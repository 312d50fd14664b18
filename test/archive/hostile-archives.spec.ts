import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { openArchive } from '../../src/platform/archive/open-archive.ts';
import { OperatorError } from '../../src/platform/errors/app-error.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { libraryMigrations } from '../database/library.ts';
import { archiveOf, forged, inPieces, load, type RawFrame } from './archives.ts';
import { connect, contents, makeSchema, type TestSchema } from './schema-on-server.ts';

let database: TestDatabase;
let target: TestSchema;
let whole: Buffer;
let before: Record<string, string>;

beforeAll(async () => {
  database = await createDatabase();
  const client = await connect(database.url);
  const source = await makeSchema(client, libraryMigrations, {
    rows: [
      `INSERT INTO "@tenant".tags SELECT 'tag ' || n, n FROM generate_series(1, 500) n`,
      `INSERT INTO "@tenant".books (title) VALUES ('One'), ('Two')`,
      `INSERT INTO "@tenant".book_tags VALUES (1, 'tag 1')`,
    ],
  });
  const files = [{ path: 'a file', content: inPieces(Buffer.from('contents')) }];
  whole = (await archiveOf(source, { files })).bytes;
  target = await makeSchema(client, libraryMigrations, { rows: [`INSERT INTO "@tenant".tags VALUES ('kept')`] });
  before = await contents(target);
});

afterAll(async () => {
  await target.client.end();
  await database.drop();
});

/** Why it was refused; the schema is as it was. */
async function refusal(bytes: Buffer): Promise<OperatorError> {
  const outcome: unknown = await load(bytes, target, { onFile: async () => undefined }).catch(
    (error: unknown) => error,
  );
  expect(await contents(target)).toEqual(before);
  if (!(outcome instanceof OperatorError)) throw new Error(`loaded, or failed otherwise: ${String(outcome)}`);
  return outcome;
}

const changedHead = (change: (head: any) => void) =>
  forged(whole, ([head, ...frames]) => {
    const parsed = JSON.parse(head!.payload.toString());
    change(parsed);
    const payload = Buffer.from(JSON.stringify(parsed));
    return resealed([{ type: 'H', payload }, ...frames], (manifest) => {
      manifest.head = createHash('sha256').update(payload).digest('hex');
    });
  });

/** With a manifest that fits again: a forger can count, too. */
function resealed(frames: RawFrame[], change: (manifest: any) => void): RawFrame[] {
  return frames.map((frame) => {
    if (frame.type !== 'M') return frame;
    const manifest = JSON.parse(frame.payload.toString());
    change(manifest);
    return { type: 'M', payload: Buffer.from(JSON.stringify(manifest)) };
  });
}

/** Other rows for a table, and a manifest that praises them. */
const changedRows = (table: string, text: string) =>
  forged(whole, (frames) => {
    const at = frames.findIndex(({ type, payload }) => type === 'T' && payload.toString() === table);
    const data = { type: 'D', payload: Buffer.from(text) };
    return resealed([...frames.slice(0, at + 1), data, ...frames.slice(at + 2)], (manifest) => {
      const sums = { bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') };
      Object.assign(
        manifest.tables.find(({ name }: { name: string }) => name === table),
        sums,
      );
    });
  });

const renamed = (type: string, from: string, to: string) => (frames: RawFrame[]) =>
  resealed(
    frames.map((frame) =>
      frame.type === type && frame.payload.toString() === from ? { type, payload: Buffer.from(to) } : frame,
    ),
    (manifest) => {
      for (const file of manifest.files) file.path = to;
    },
  );

it('the archive that the others are made of can be loaded, also when it was taken apart and put together', async () => {
  const { client } = target;
  const another = await makeSchema(client, libraryMigrations);
  expect(
    await load(
      forged(whole, (frames) => frames),
      another,
    ),
  ).toMatchObject({ files: [{ path: 'a file' }] });
  expect((await contents(another))['book_tags']).toBe('1\ttag 1\n');
});

describe('refused is what', () => {
  it.each([
    ['is empty', Buffer.alloc(0)],
    ['is a text', Buffer.from('hello')],
    ['is a gzip of somebody else', Buffer.from('1f8b0800000000000003cb48cdc9c907008674a23605000000', 'hex')],
  ])('%s: not one of ours', async (_, bytes) => {
    expect(await refusal(bytes)).toMatchObject({ reason: 'foreign' });
  });

  it('has a newer format', async () => {
    const newer = Buffer.from(whole);
    newer.writeUInt16BE(2, 8);
    expect(await refusal(newer)).toMatchObject({
      reason: 'newer',
      message: expect.stringContaining('formats up to 1'),
    });
  });

  it('ends too early, wherever', async () => {
    const lengths = [10, 11, 30, Math.floor(whole.length / 2), whole.length - 20, whole.length - 1];
    for (const length of lengths)
      expect(await refusal(whole.subarray(0, length))).toMatchObject({ reason: 'truncated' });
  });

  it('lost its last frames, though the compression is whole', async () => {
    const frames = forgedFrames();
    for (let kept = 1; kept < frames; kept++)
      expect(await refusal(forged(whole, (all) => all.slice(0, kept)))).toMatchObject({ reason: 'truncated' });
  });

  it('lost one frame in the middle, whichever', async () => {
    const frames = forgedFrames();
    for (let lost = 0; lost < frames - 1; lost++) {
      const without = forged(whole, (all) => all.filter((_, i) => i !== lost));
      expect(await refusal(without)).toMatchObject({ reason: expect.stringMatching(/changed|misfit/) });
    }
  });

  it('has one bit flipped behind the header of the compression, wherever', async () => {
    for (let at = 20; at < whole.length; at += 97) {
      const flipped = Buffer.from(whole);
      flipped[at] = flipped[at]! ^ 0x10;
      // Before the sums are reached, a changed head may name what the schema does not have.
      expect(await refusal(flipped)).toBeInstanceOf(OperatorError);
    }
  });

  it('has something behind its manifest', async () => {
    const longer = forged(whole, (frames) => [...frames, { type: 'D', payload: Buffer.from('more') }]);
    expect(await refusal(longer)).toMatchObject({ reason: 'changed' });
  });

  it('has a frame that claims to be larger than memory', async () => {
    const head = Buffer.from('H\xff\xff\xff\xff', 'latin1');
    const claims = forged(whole, () => []);
    const archive = Buffer.concat([claims.subarray(0, 10), gzipSync(head)]);
    expect(await refusal(archive)).toMatchObject({ reason: 'changed', message: expect.stringContaining('larger') });
  });

  it('unpacks to more than is allowed', async () => {
    const opening = openArchive(Readable.from([whole]), { limit: 3_000 }).then((archive) => archive.verify());
    await expect(opening).rejects.toMatchObject({ reason: 'too large' });
  });

  it.each<[string, (head: any) => void, RegExp]>([
    ['a table that the schema does not have', (head) => (head.tables[0].name = 'pg_authid'), /no table "pg_authid"/],
    ['its ledger', (head) => (head.tables[0].name = 'migrations'), /no table "migrations"/],
    [
      'a column that the table does not have',
      (head) => (head.tables[0].columns = ['id) FROM PROGRAM']),
      /no column "id\) FROM/,
    ],
    ['a table twice', (head) => head.tables.push(head.tables[0]), /twice/],
    ["somebody else's sequence", (head) => (head.sequences[0].name = 'migrations_id_seq'), /no sequence/],
    ['a sequence that is no number', (head) => (head.sequences[0].value = '1; DROP TABLE x'), /changed/],
    ['columns that are no list', (head) => (head.tables[0].columns = 'id'), /changed/],
    ['a number of rows that is none', (head) => (head.tables[0].rows = -1), /changed/],
    ['another number of rows than follow', (head) => (head.tables[0].rows = 12), /number of rows/],
    ['another product', (head) => (head.product = 'Other'), /not that of an archive/],
  ])('names %s', async (_, change, message) => {
    expect((await refusal(changedHead(change))).message).toMatch(message);
  });

  it('has a head that is no JSON', async () => {
    const broken = forged(whole, ([, ...frames]) => [{ type: 'H', payload: Buffer.from('{') }, ...frames]);
    expect(await refusal(broken)).toMatchObject({ reason: 'changed' });
  });

  it.each([
    ['values of another type', 'tag\tmany\n', 'misfit'],
    ['more values than columns', 'tag\t1\t2\n', 'misfit'],
    ['the same key twice', 'tag\t1\ntag\t1\n', 'misfit'],
    ['an end of data in the middle', `tag 1\t1\n\\.\n${'tag\t1\n'.repeat(498)}`, 'changed'],
  ])('has rows with %s', async (_, text, reason) => {
    expect(await refusal(changedRows('tags', text))).toMatchObject({ reason });
  });

  it('has rows that refer to what is not there', async () => {
    expect(await refusal(changedRows('book_tags', '77\ttag 1\n'))).toMatchObject({
      reason: 'misfit',
      message: expect.stringContaining('table book_tags'),
    });
  });

  it.each([
    ['that leads upwards', '../etc/passwd'],
    ['that begins at the root', '/etc/passwd'],
    ['that leads upwards from within', 'a/../../b'],
    ['with an empty part', 'a//b'],
    ['that begins where it stands', './a'],
    ['that ends where it stands', 'a/.'],
    ['with backslashes', 'a\\..\\b'],
    ['with a drive', 'C:evil'],
    ['with a NUL', 'a\0b'],
    ['with a newline', 'a\nb'],
    ['of nothing', ''],
    ['of more than a kilobyte', 'x'.repeat(1_025)],
  ])('has a file with a path %s', async (_, path) => {
    expect((await refusal(forged(whole, renamed('F', 'a file', path)))).message).toContain('cannot be called');
  });

  it('has two files of one name', async () => {
    const twice = forged(whole, (frames) => {
      const at = frames.findIndex(({ type }) => type === 'F');
      return [...frames.slice(0, at + 3), ...frames.slice(at)];
    });
    expect((await refusal(twice)).message).toContain('cannot be called "a file"');
  });
});

function forgedFrames(): number {
  let count = 0;
  forged(whole, (frames) => {
    count = frames.length;
    return frames;
  });
  expect(count).toBeGreaterThan(15);
  return count;
}
