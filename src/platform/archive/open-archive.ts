import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { sqlState } from '../database/database-problem.ts';
import { OperatorError } from '../errors/app-error.ts';
import {
  FRAMES,
  isSafePath,
  LARGEST_MANIFEST,
  parseHead,
  parseManifest,
  type ArchivedTable,
  type ArchiveHead,
  type ArchiveManifest,
} from './archive-format.ts';
import { FrameReader, type Frame } from './archive-frames.ts';
import { ArchiveRefused, changed, truncated } from './archive-refused.ts';
import { copyIn } from './copy-streams.ts';
import { copyInStatement, openForLoading } from './loading.ts';
import { readSequences, readTables, refuseUnknown, type OnTransferProgress, type Place } from './schema-shape.ts';
import { StreamSum } from './stream-sum.ts';

export interface LoadOrder extends Place {
  /**
   * Gets each file, in turn. Its bytes are verified only by the end of `load`: until then what was stored does not count.
   * The path is relative and leads out of no folder. Left out, files are passed over.
   */
  onFile?: (path: string, content: AsyncIterable<Buffer>) => Promise<void>;
  onProgress?: OnTransferProgress;
}

/** Takes the bytes of one stream. Whatever it leaves is read past. */
type Take<T> = (item: T, content: AsyncIterable<Buffer>, sum: StreamSum) => Promise<void>;

/** @param limit bytes that may come out of the compression; for archives of strangers. All of them when left out. */
export async function openArchive(source: Readable, { limit = Infinity } = {}): Promise<Archive> {
  const frames = await FrameReader.open(source, limit);
  try {
    const frame = await frames.next();
    if (!frame) throw truncated();
    if (frame.type !== FRAMES.head) throw changed('it does not begin with its head');
    const head = parseHead(frame.payload.toString('utf8'));
    return new Archive(head, createHash('sha256').update(frame.payload).digest('hex'), frames);
  } catch (error) {
    frames.close();
    throw error;
  }
}

/** Read from front to end, once: `load` or `verify` or `close`. */
export class Archive {
  #taken = false;

  constructor(
    readonly head: ArchiveHead,
    private readonly headSum: string,
    private readonly frames: FrameReader,
  ) {}

  /**
   * Puts the rows into a schema, in the caller's open transaction: after a failure it can only be rolled back. All rows that
   * the schema has are removed first. Columns that the archive does not know get their defaults.
   *
   * @throws ArchiveRefused when the archive is damaged, or its rows break a rule of the schema
   * @throws OperatorError when the schema has not all of its tables, columns and sequences
   */
  async load({ client, schema, onFile, onProgress = () => undefined }: LoadOrder): Promise<ArchiveManifest> {
    const place = { client, schema };
    const target = { tables: await readTables(place), sequences: await readSequences(place) };
    refuseUnknown(schema, target, this.head);
    const loading = await openForLoading(place, target.tables);
    const takeTable: Take<ArchivedTable> = async (table, content, sum) => {
      const watched = eachTime(content, () =>
        onProgress({ name: table.name, rows: sum.rows, expectedRows: table.rows, bytes: sum.bytes }),
      );
      const stored = await fitting(table.name, copyIn(client, copyInStatement(schema, table), watched));
      if (stored !== sum.rows)
        throw changed(`table ${table.name} has ${sum.rows} rows, of which ${stored} can be read`);
    };
    const takeFile: Take<string> = async (path, content, sum) => {
      const watched = eachTime(content, () =>
        onProgress({ name: path, rows: 0, expectedRows: null, bytes: sum.bytes }),
      );
      await onFile?.(path, watched);
    };
    const manifest = await this.#read(takeTable, takeFile);
    await fitting(null, loading.finish(this.head.sequences));
    return manifest;
  }

  /** Reads all of it and compares every sum, without a database. @throws ArchiveRefused */
  async verify(): Promise<ArchiveManifest> {
    const nothing = async () => undefined;
    return this.#read(nothing, nothing);
  }

  /** For whoever wants the head alone. */
  close(): void {
    this.frames.close();
  }

  async #read(takeTable: Take<ArchivedTable>, takeFile: Take<string>): Promise<ArchiveManifest> {
    if (this.#taken) throw new Error('an archive is read once: open it again');
    this.#taken = true;
    try {
      const seen: ArchiveManifest = { head: this.headSum, tables: [], files: [] };
      for (const table of this.head.tables) {
        const frame = await this.#next();
        if (frame.type !== FRAMES.table || frame.payload.toString('utf8') !== table.name)
          throw changed(`table ${table.name} is not where its head says`);
        const { sha256, rows, bytes } = await this.#stream(table, takeTable);
        seen.tables.push({ name: table.name, rows, bytes, sha256 });
      }
      const paths = new Set<string>();
      let frame = await this.#next();
      for (; frame.type === FRAMES.file; frame = await this.#next()) {
        const path = frame.payload.toString('utf8');
        if (!isSafePath(path) || paths.has(path))
          throw changed(`it has a file that cannot be called ${JSON.stringify(path)}`);
        paths.add(path);
        const { sha256, bytes } = await this.#stream(path, takeFile);
        seen.files.push({ path, bytes, sha256 });
      }
      const manifest = parseManifest(await this.#manifest(frame));
      compare(this.head, manifest, seen);
      return manifest;
    } finally {
      this.close();
    }
  }

  async #next(): Promise<Frame> {
    const frame = await this.frames.next();
    if (!frame) throw truncated();
    return frame;
  }

  async #stream<T>(item: T, take: Take<T>): Promise<{ sha256: string; rows: number; bytes: number }> {
    const sum = new StreamSum();
    const content = this.#content(sum);
    // Shielded from the taker's loop, which ends the generator when it breaks off.
    await take(item, { [Symbol.asyncIterator]: () => ({ next: () => content.next() }) }, sum);
    while (!(await content.next()).done);
    return { sha256: sum.sha256(), rows: sum.rows, bytes: sum.bytes };
  }

  async *#content(sum: StreamSum): AsyncGenerator<Buffer, void, undefined> {
    for (let frame = await this.#next(); frame.type !== FRAMES.end; frame = await this.#next()) {
      if (frame.type !== FRAMES.data) throw changed('a table or file does not end where it should');
      sum.add(frame.payload);
      yield frame.payload;
    }
  }

  async #manifest(first: Frame): Promise<string> {
    const parts: Buffer[] = [];
    let bytes = 0;
    for (let frame: Frame | null = first; frame; frame = await this.frames.next()) {
      bytes += frame.payload.length;
      if (frame.type !== FRAMES.manifest || bytes > LARGEST_MANIFEST)
        throw changed('it does not end with its manifest');
      parts.push(frame.payload);
    }
    return Buffer.concat(parts).toString('utf8');
  }
}

async function* eachTime(content: AsyncIterable<Buffer>, tell: () => void): AsyncGenerator<Buffer> {
  for await (const chunk of content) {
    tell();
    yield chunk;
  }
}

function compare(head: ArchiveHead, manifest: ArchiveManifest, seen: ArchiveManifest): void {
  if (manifest.head !== seen.head) throw changed('its head is not the one that was written');
  const counted = head.tables.find(({ rows }, i) => rows !== seen.tables[i]!.rows);
  if (counted) throw changed(`table ${counted.name} has not the number of rows that its head says`);
  const [wanted, found] = [
    [...manifest.tables, ...manifest.files],
    [...seen.tables, ...seen.files],
  ];
  const differs = found.find((each, i) => !isDeepStrictEqual(each, wanted[i]));
  const missing = wanted[found.length];
  if (differs) throw changed(`${nameOf(differs)} has other contents than its manifest says`);
  if (missing) throw changed(`${nameOf(missing)} is missing`);
}

function nameOf(stream: { name: string } | { path: string }): string {
  return 'name' in stream ? `table ${stream.name}` : `file ${stream.path}`;
}

const DATA_EXCEPTION_OR_VIOLATION = /^2[23]...$/;

/** What the server has against the rows is the archive's fault, and the operator should hear it. */
async function fitting<T>(table: string | null, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof OperatorError || !DATA_EXCEPTION_OR_VIOLATION.test(sqlState(error) ?? '')) throw error;
    const { message, table: named } = error as { message: string; table?: string };
    const which = table ?? named;
    throw new ArchiveRefused(
      'misfit',
      `The rows${which ? ` of table ${which}` : ''} in the archive break a rule of the schema: ${message}`,
      error,
    );
  }
}
