import { AttachedFileRefused } from './attachments.errors.ts';

/** The end of a zip, with the longest comment it can have and the locator of its larger form before it. */
export const TAIL_BYTES = 22 + 65_535 + 20;
/** A list of what is in it that is longer is not read. */
const MOST_DIRECTORY_BYTES = 4 * 1024 * 1024;
const MOST_ENTRIES = 10_000;
/** Unpacked it may be so many times as large; a small one that much in any case. */
const MOST_TIMES = 200;
const FREE_BYTES = 50 * 1024 * 1024;

const END = 0x06054b50;
const END_BYTES = 22;
const LOCATOR = 0x07064b50;
const LOCATOR_BYTES = 20;
const LARGE_END = 0x06064b50;
export const LARGE_END_BYTES = 56;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LARGE_EXTRA = 0x0001;
const LARGER_32 = 0xffffffff;
const LARGER_16 = 0xffff;

export interface ZipEnd {
  entries: number;
  /** Of the list of what is in it: where it begins in the file, and how long it is. */
  offset: number;
  bytes: number;
}

/**
 * Reads the last bytes of a zip.
 *
 * @returns where its list is; or where to read on when it has the form for large ones
 * @throws AttachedFileRefused
 */
export function readEnd(tail: Buffer): ZipEnd | { largeEndAt: number } {
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END || at + END_BYTES + tail.readUInt16LE(at + 20) > tail.length) continue;
    const end = {
      entries: tail.readUInt16LE(at + 10),
      bytes: tail.readUInt32LE(at + 12),
      offset: tail.readUInt32LE(at + 16),
    };
    const isLarge = end.entries === LARGER_16 || end.bytes === LARGER_32 || end.offset === LARGER_32;
    const locator = at - LOCATOR_BYTES;
    if (!isLarge || locator < 0 || tail.readUInt32LE(locator) !== LOCATOR) return bounded(end);
    return { largeEndAt: Number(tail.readBigUInt64LE(locator + 8)) };
  }
  throw damaged();
}

/** @throws AttachedFileRefused */
export function readLargeEnd(bytes: Buffer): ZipEnd {
  if (bytes.length < LARGE_END_BYTES || bytes.readUInt32LE(0) !== LARGE_END) throw damaged();
  const [entries, length, offset] = [32, 40, 48].map((at) => Number(bytes.readBigUInt64LE(at))) as [
    number,
    number,
    number,
  ];
  return bounded({ entries, bytes: length, offset });
}

/**
 * Adds up what the entries claim to be when unpacked.
 *
 * @param fileBytes of the whole zip
 * @throws AttachedFileRefused when it is more than a file of that size may become
 */
export function refuseBomb(directory: Buffer, entries: number, fileBytes: number): void {
  let unpacked = 0;
  let at = 0;
  for (let entry = 0; entry < entries; entry++) {
    if (at + ENTRY_BYTES > directory.length || directory.readUInt32LE(at) !== ENTRY) throw damaged();
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field)) as [
      number,
      number,
      number,
    ];
    const extraAt = at + ENTRY_BYTES + nameBytes;
    const size = directory.readUInt32LE(at + 24);
    unpacked += size === LARGER_32 ? largeSize(directory.subarray(extraAt, extraAt + extraBytes)) : size;
    at = extraAt + extraBytes + commentBytes;
  }
  if (unpacked > FREE_BYTES && unpacked > fileBytes * MOST_TIMES)
    throw new AttachedFileRefused(
      'archive_ratio',
      `Unpacked, the archive would be more than ${MOST_TIMES} times as large.`,
    );
}

function bounded(end: ZipEnd): ZipEnd {
  if (end.entries > MOST_ENTRIES || end.bytes > MOST_DIRECTORY_BYTES)
    throw new AttachedFileRefused('archive_entries', `An archive has at most ${MOST_ENTRIES} entries here.`);
  return end;
}

function largeSize(extra: Buffer): number {
  for (let at = 0; at + 12 <= extra.length; at += 4 + extra.readUInt16LE(at + 2))
    if (extra.readUInt16LE(at) === LARGE_EXTRA) return Number(extra.readBigUInt64LE(at + 4));
  throw damaged();
}

function damaged(): AttachedFileRefused {
  return new AttachedFileRefused('archive_damaged', 'The archive cannot be read: it is cut off or damaged.');
}
