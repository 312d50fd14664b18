import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { openArchive, type LoadOrder } from '../../src/platform/archive/open-archive.ts';
import type { ArchiveManifest } from '../../src/platform/archive/archive-format.ts';
import { beginSnapshot } from '../../src/platform/archive/snapshot.ts';
import { writeArchive, type ArchiveOrder } from '../../src/platform/archive/write-archive.ts';
import type { TestSchema } from './schema-on-server.ts';

/** The archive of a schema, in memory. */
export async function archiveOf(
  { client, schema }: TestSchema,
  order: Partial<ArchiveOrder> = {},
): Promise<{ bytes: Buffer; manifest: ArchiveManifest }> {
  const out = new PassThrough();
  const from = await beginSnapshot(client, schema);
  const bytes = buffer(out);
  bytes.catch(() => undefined);
  try {
    const manifest = await writeArchive({ from, facts: { name: 'Acme', slug: 'acme', plan: null }, out, ...order });
    return { bytes: await bytes, manifest };
  } finally {
    await client.query('ROLLBACK');
  }
}

/** Loads and commits, or rolls back and throws. */
export async function load(
  bytes: Buffer,
  { client, schema }: TestSchema,
  order: Partial<LoadOrder> = {},
): Promise<ArchiveManifest> {
  const archive = await openArchive(inPieces(bytes));
  await client.query('BEGIN');
  try {
    const manifest = await archive.load({ client, schema, ...order });
    await client.query('COMMIT');
    return manifest;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** As from a network: the borders of the pieces mean nothing. */
export function inPieces(bytes: Buffer, size = 1_000): Readable {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
  return Readable.from(pieces);
}

export interface RawFrame {
  type: string;
  payload: Buffer;
}

const PREAMBLE = 10;

/** Reads an archive by docs/archive-format.md alone, lets `change` have its way with the frames, and writes it again. */
export function forged(bytes: Buffer, change: (frames: RawFrame[]) => RawFrame[]): Buffer {
  const unpacked = gunzipSync(bytes.subarray(PREAMBLE));
  const frames: RawFrame[] = [];
  for (let at = 0; at < unpacked.length;) {
    const end = at + 5 + unpacked.readUInt32BE(at + 1);
    frames.push({ type: unpacked.toString('latin1', at, at + 1), payload: unpacked.subarray(at + 5, end) });
    at = end;
  }
  const written = change(frames).flatMap(({ type, payload }) => {
    const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
    head.writeUInt32BE(payload.length, 1);
    return [head, payload];
  });
  return Buffer.concat([bytes.subarray(0, PREAMBLE), gzipSync(Buffer.concat(written))]);
}
