import { deflateRawSync } from 'node:zlib';
import { crc32 } from 'node:zlib';
import { FileStore } from '../../src/platform/files/file-store.ts';
import type { TestApp } from '../support/app.ts';
import { expectStatus, type Answer, type Client } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { formOf } from '../support/upload.ts';

/** @param commentId sent behind the file, as forms are written by hand */
export function attach(
  who: Client,
  taskId: string,
  content: Uint8Array | string,
  name: string,
  commentId?: string,
): Promise<Answer> {
  // What the client says of the type is nobody's business.
  const form = formOf(Buffer.from(content as Uint8Array), name, 'image/png');
  if (commentId !== undefined) form.append('commentId', commentId);
  return who.call('POST', `/tasks/${taskId}/attachments`, { body: form });
}

export async function attached(who: Client, taskId: string, content: Uint8Array | string, name: string) {
  return expectStatus(await attach(who, taskId, content, name), 201).data;
}

export interface Download {
  status: number;
  headers: Headers;
  content: Buffer;
}

/** @param path below /api/v1, or a whole address */
export async function download(who: Client, path: string, headers: Record<string, string> = {}): Promise<Download> {
  const url = path.startsWith('http') ? path : `${who.url}/api/v1${path}`;
  const answer = await fetch(url, { headers: { ...who.headers, ...headers } });
  return { status: answer.status, headers: answer.headers, content: Buffer.from(await answer.arrayBuffer()) };
}

/** Nothing of any upload is left. */
export async function expectNoFile(app: TestApp, tenantId: string): Promise<void> {
  await eventually(async () => {
    const bytes = await app.nest.get(FileStore).sizeOf(tenantId);
    if (bytes > 0) throw new Error(`${bytes} bytes are left`);
  });
}

export interface ZipEntry {
  name: string;
  content: Buffer;
  /** What the list claims it to be when unpacked. */
  claims?: number;
}

export function zipOf(entries: ZipEntry[], { large = false } = {}): Buffer {
  const parts: Buffer[] = [];
  const list: Buffer[] = [];
  let at = 0;
  for (const { name, content, claims = content.length } of entries) {
    const packed = deflateRawSync(content);
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(crc32(content), 0);
    sizes.writeUInt32LE(packed.length, 4);
    sizes.writeUInt32LE(large ? 0xffffffff : claims, 8);
    const title = Buffer.from(name);
    const head = Buffer.concat([
      Buffer.from('504b03041400000008000000210000', 'hex').subarray(0, 14),
      sizes,
      lengths(title.length, 0),
      title,
    ]);
    const extra = large ? Buffer.concat([Buffer.from([1, 0, 8, 0]), wide(claims)]) : Buffer.alloc(0);
    const place = Buffer.alloc(4);
    place.writeUInt32LE(at);
    list.push(
      Buffer.concat([
        Buffer.from('504b0102140014000000080000002100', 'hex'),
        sizes,
        lengths(title.length, extra.length),
        Buffer.alloc(10),
        place,
        title,
        extra,
      ]),
    );
    parts.push(head, packed);
    at += head.length + packed.length;
  }
  const directory = Buffer.concat(list);
  return Buffer.concat([
    ...parts,
    directory,
    large ? largeEnd(entries.length, directory.length, at) : end(entries.length, directory.length, at),
  ]);
}

function end(entries: number, bytes: number, offset: number): Buffer {
  const tail = Buffer.alloc(22);
  tail.writeUInt32LE(0x06054b50);
  tail.writeUInt16LE(entries, 8);
  tail.writeUInt16LE(entries, 10);
  tail.writeUInt32LE(bytes, 12);
  tail.writeUInt32LE(offset, 16);
  return tail;
}

function largeEnd(entries: number, bytes: number, offset: number): Buffer {
  const record = Buffer.concat([
    Buffer.from('504b0606', 'hex'),
    wide(44),
    Buffer.alloc(12),
    wide(entries),
    wide(entries),
    wide(bytes),
    wide(offset),
  ]);
  const locator = Buffer.concat([
    Buffer.from('504b060700000000', 'hex'),
    wide(offset + bytes),
    Buffer.from([1, 0, 0, 0]),
  ]);
  return Buffer.concat([record, locator, end(0xffff, 0xffffffff, 0xffffffff)]);
}

function lengths(name: number, extra: number): Buffer {
  const both = Buffer.alloc(4);
  both.writeUInt16LE(name, 0);
  both.writeUInt16LE(extra, 2);
  return both;
}

function wide(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
