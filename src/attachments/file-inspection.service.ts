import { Injectable } from '@nestjs/common';
import { isUtf8 } from 'node:buffer';
import { open, type FileHandle } from 'node:fs/promises';
import { Pictures, type Preview } from '../avatars/pictures.service.ts';
import { mediaTypeOf, type Seen } from './file-kinds.rules.ts';
import { LARGE_END_BYTES, TAIL_BYTES, readEnd, readLargeEnd, refuseBomb } from './zip-directory.rules.ts';

export interface Inspected {
  mediaType: string;
  /** Null for what is no picture that can be read here. */
  preview: Preview | null;
}

const HEAD_BYTES = 4_100;
const ZIP = Buffer.from('PK');
const UTF_16 = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];
/** Of the controls a text has tabs, line and page breaks, and the escapes of a terminal. */
const NOT_IN_TEXT = /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/;

/** Looks into a file that has arrived whole and lies on disk. Nothing of it is run, unpacked or kept in memory. */
@Injectable()
export class FileInspection {
  constructor(private readonly pictures: Pictures) {}

  /** @throws FileTypeRefused, FileTypeMismatch, AttachedFileRefused, PictureRefused, PicturesBusy */
  async inspect(path: string, name: string): Promise<Inspected> {
    const handle = await open(path);
    try {
      const head = await readAt(handle, 0, HEAD_BYTES);
      const seen: Seen = { format: await formatOf(path), isText: isText(head) };
      const mediaType = mediaTypeOf(name, seen);
      if (!seen.isText && head.subarray(0, 2).equals(ZIP)) await refuseZipBomb(handle);
      return { mediaType, preview: await this.pictures.toPreview(path, mediaType) };
    } finally {
      await handle.close();
    }
  }
}

async function formatOf(path: string): Promise<string | null> {
  const { fileTypeFromFile } = await import('file-type');
  // What it gives up on is a format that nobody knows.
  const found = await fileTypeFromFile(path).catch(() => undefined);
  return found?.ext ?? null;
}

/** UTF-8, an older alphabet of one byte a letter, or UTF-16 that says so. Nothing at all is a text too. */
function isText(head: Buffer): boolean {
  if (UTF_16.some((mark) => head.subarray(0, 2).equals(mark))) return true;
  const text = head.toString(isUtf8(head) ? 'utf8' : 'latin1');
  return !NOT_IN_TEXT.test(text);
}

async function refuseZipBomb(handle: FileHandle): Promise<void> {
  const { size } = await handle.stat();
  const found = readEnd(await readAt(handle, Math.max(0, size - TAIL_BYTES), TAIL_BYTES));
  const end = 'largeEndAt' in found ? readLargeEnd(await readAt(handle, found.largeEndAt, LARGE_END_BYTES)) : found;
  refuseBomb(await readAt(handle, end.offset, end.bytes), end.entries, size);
}

/** A tebibyte: far beyond any upload, and well within what can be asked of the system. */
const MOST_OFFSET = 2 ** 40;

/** Fewer at the end of the file; nothing where a damaged archive points beyond what a file can be. */
async function readAt(handle: FileHandle, position: number, bytes: number): Promise<Buffer> {
  if (!Number.isSafeInteger(position) || position > MOST_OFFSET) return Buffer.alloc(0);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, position);
  return buffer.subarray(0, bytesRead);
}
