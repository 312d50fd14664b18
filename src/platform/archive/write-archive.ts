import { createHash } from 'node:crypto';
import type { Writable } from 'node:stream';
import {
  FORMAT,
  FRAMES,
  isSafePath,
  LARGEST_FRAME,
  PRODUCT,
  type ArchivedTable,
  type ArchiveHead,
  type ArchiveManifest,
  type Fact,
  type LeftOut,
} from './archive-format.ts';
import { FrameWriter } from './archive-frames.ts';
import { copyOut } from './copy-streams.ts';
import { planLeftOut, type LeaveOut } from './left-out.ts';
import { copyOutStatement } from './loading.ts';
import { qualified, type OnTransferProgress, type TableShape } from './schema-shape.ts';
import type { Snapshot } from './snapshot.ts';
import { StreamSum } from './stream-sum.ts';

export interface ArchivedFile {
  /** Relative, with slashes, without `..`. */
  path: string;
  content: AsyncIterable<Uint8Array>;
}

export interface ArchiveOrder {
  from: Snapshot;
  /** Name, slug, plan and whatever else the reader should know of the tenant. */
  facts: Record<string, Fact>;
  leaveOut?: LeaveOut;
  files?: AsyncIterable<ArchivedFile> | Iterable<ArchivedFile>;
  /** Ended when the archive is whole, destroyed when it will never be. */
  out: Writable;
  onProgress?: OnTransferProgress;
}

/**
 * Writes a snapshot as one archive (docs/archive-format.md). Memory does not depend on its size, but for a line of the
 * manifest for each file. After a failure the snapshot's connection may be closed.
 *
 * @throws OperatorError when `leaveOut` names what is not there or leaves rows that cannot be loaded
 */
export async function writeArchive(order: ArchiveOrder): Promise<ArchiveManifest> {
  const { from, facts, leaveOut = {}, files = [], out, onProgress = () => undefined } = order;
  const writer = new FrameWriter(out);
  try {
    const head = await makeHead(from, facts, leaveOut);
    const text = JSON.stringify(head);
    if (Buffer.byteLength(text) > LARGEST_FRAME)
      throw new Error(`the head of the archive takes ${text.length} characters`);
    await writer.write(FRAMES.head, text);
    const manifest: ArchiveManifest = { head: createHash('sha256').update(text).digest('hex'), tables: [], files: [] };
    for (const table of head.tables)
      manifest.tables.push(await writeTable(writer, from, table, head.leftOut, onProgress));
    for await (const file of files) manifest.files.push(await writeFile(writer, file, onProgress));
    await writer.write(FRAMES.manifest, JSON.stringify(manifest));
    await writer.finish();
    return manifest;
  } catch (error) {
    await writer.abort(error as Error);
    throw error;
  }
}

async function makeHead(from: Snapshot, facts: Record<string, Fact>, leaveOut: LeaveOut): Promise<ArchiveHead> {
  const leftOut = await planLeftOut(from, from.tables, leaveOut);
  const tables: ArchivedTable[] = [];
  for (const table of from.tables)
    if (!leftOut.tables.includes(table.name))
      tables.push({ ...table, rows: await countRowsOf(from, table, leftOut.rows[table.name]) });
  return {
    product: PRODUCT,
    format: FORMAT,
    createdAt: new Date().toISOString(),
    facts,
    schemaVersion: from.schemaVersion,
    serverVersion: from.serverVersion,
    tables,
    sequences: from.sequences,
    leftOut,
  };
}

async function countRowsOf({ client, schema }: Snapshot, { name }: TableShape, without = 'false'): Promise<number> {
  const { rows } = await client.query<{ rows: string }>(
    `SELECT count(*) AS rows FROM ONLY ${qualified(schema, name)} WHERE (${without}) IS NOT TRUE`,
  );
  return Number(rows[0]!.rows);
}

async function writeTable(
  writer: FrameWriter,
  { client, schema }: Snapshot,
  { name, columns, rows: expectedRows }: ArchivedTable,
  { rows: without, columns: nulled }: LeftOut,
  onProgress: OnTransferProgress,
): Promise<ArchiveManifest['tables'][number]> {
  const sum = new StreamSum();
  await writer.write(FRAMES.table, name);
  for await (const chunk of copyOut(
    client,
    copyOutStatement(schema, name, columns, { nulled: nulled[name], without: without[name] }),
  )) {
    sum.add(chunk);
    await writer.write(FRAMES.data, chunk);
    onProgress({ name, rows: sum.rows, expectedRows, bytes: sum.bytes });
  }
  await writer.write(FRAMES.end);
  return { name, rows: sum.rows, bytes: sum.bytes, sha256: sum.sha256() };
}

async function writeFile(
  writer: FrameWriter,
  { path, content }: ArchivedFile,
  onProgress: OnTransferProgress,
): Promise<ArchiveManifest['files'][number]> {
  if (!isSafePath(path)) throw new Error(`a file cannot be called ${JSON.stringify(path)} in an archive`);
  const sum = new StreamSum();
  await writer.write(FRAMES.file, path);
  for await (const chunk of content) {
    sum.add(chunk);
    await writer.write(FRAMES.data, chunk);
    onProgress({ name: path, rows: 0, expectedRows: null, bytes: sum.bytes });
  }
  await writer.write(FRAMES.end);
  return { path, bytes: sum.bytes, sha256: sum.sha256() };
}
