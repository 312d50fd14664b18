import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { checkPreamble, LARGEST_FRAME, preamble, PREAMBLE_BYTES } from './archive-format.ts';
import { ArchiveRefused, changed, truncated } from './archive-refused.ts';

/** Type as one byte of ASCII, length of the payload as four bytes, big endian. */
const FRAME_HEAD_BYTES = 5;
const ZLIB_CHUNK = 262_144;
/** Twice as fast as level 6, for a tenth more bytes: measured in docs/archive-format.md. */
const GZIP_LEVEL = 1;

export interface Frame {
  type: string;
  payload: Buffer;
}

/** Writes frames through gzip to `out`, no faster than that takes them. */
export class FrameWriter {
  readonly #gzip = createGzip({ level: GZIP_LEVEL, chunkSize: ZLIB_CHUNK });
  readonly #written: Promise<void>;

  constructor(out: Writable) {
    this.#written = pipeline(this.#gzip, behindPreamble, out);
    // Heard by the next write, or by finish().
    this.#written.catch(() => undefined);
  }

  /** Longer payloads become several frames of the type. */
  async write(type: string, payload: Uint8Array | string = ''): Promise<void> {
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    for (let at = 0; at === 0 || at < bytes.length; at += LARGEST_FRAME) {
      const part = bytes.subarray(at, at + LARGEST_FRAME);
      const head = Buffer.alloc(FRAME_HEAD_BYTES);
      head.write(type, 'ascii');
      head.writeUInt32BE(part.length, 1);
      const goesOn = !this.#gzip.destroyed && this.#gzip.write(Buffer.concat([head, part]));
      // Where `out` has failed nothing drains any more, but what was written rejects.
      if (!goesOn) await Promise.race([once(this.#gzip, 'drain'), this.#written]);
    }
  }

  /** Resolves when `out` has everything. */
  async finish(): Promise<void> {
    this.#gzip.end();
    await this.#written;
  }

  /** Destroys `out`, so that nobody takes what is there for an archive. */
  async abort(reason: Error): Promise<void> {
    this.#gzip.destroy(reason);
    await this.#written.catch(() => undefined);
  }
}

async function* behindPreamble(compressed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield preamble();
  yield* compressed;
}

/** Reads frames, no faster than they are taken; holds one at a time. */
export class FrameReader {
  readonly #bytes: ByteReader;

  private constructor(
    private readonly unpacked: Readable,
    /** Bytes that may come out of the compression: a small archive can hold a very large one. */
    limit: number,
  ) {
    this.#bytes = new ByteReader(unpacked[Symbol.asyncIterator]() as AsyncIterator<Buffer>, limit);
  }

  /** @throws ArchiveRefused when it is no archive, or one of a newer format */
  static async open(source: Readable, limit: number): Promise<FrameReader> {
    const packed = new ByteReader(source[Symbol.asyncIterator]() as AsyncIterator<Buffer>, Infinity);
    checkPreamble(await packed.upTo(PREAMBLE_BYTES));
    const gunzip = createGunzip({ chunkSize: ZLIB_CHUNK });
    // A failure of either arrives where the frames are read.
    pipeline(packed.rest(), gunzip).catch(() => undefined);
    return new FrameReader(gunzip, limit);
  }

  /** Null at the end. @throws ArchiveRefused when it ends within a frame, or is no gzip */
  async next(): Promise<Frame | null> {
    try {
      const head = await this.#bytes.take(FRAME_HEAD_BYTES);
      if (!head) return null;
      const length = head.readUInt32BE(1);
      if (length > LARGEST_FRAME) throw changed('a frame is larger than this format allows');
      const payload = await this.#bytes.take(length);
      if (!payload) throw truncated();
      return { type: head.toString('latin1', 0, 1), payload };
    } catch (error) {
      throw asRefusal(error);
    }
  }

  close(): void {
    this.unpacked.destroy();
  }
}

function asRefusal(error: unknown): unknown {
  const { code = '' } = Object(error) as { code?: string };
  if (code === 'Z_BUF_ERROR') return truncated(error);
  return code.startsWith('Z_') ? changed('it cannot be unpacked', error) : error;
}

class ByteReader {
  #chunks: Buffer[] = [];
  #held = 0;
  #seen = 0;

  constructor(
    private readonly source: AsyncIterator<Buffer>,
    private readonly limit: number,
  ) {}

  /** Exactly so many bytes; null when nothing is left. @throws ArchiveRefused when there are some, but too few */
  async take(length: number): Promise<Buffer | null> {
    const bytes = await this.upTo(length);
    if (bytes.length === length) return bytes;
    if (bytes.length > 0) throw truncated();
    return null;
  }

  /** Fewer at the end. */
  async upTo(length: number): Promise<Buffer> {
    while (this.#held < length) {
      const next = await this.source.next();
      if (next.done) break;
      this.#keep(next.value);
    }
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    const bytes = all.subarray(0, length);
    this.#chunks = [all.subarray(bytes.length)];
    this.#held -= bytes.length;
    return bytes;
  }

  async *rest(): AsyncGenerator<Buffer> {
    yield* this.#chunks;
    for await (const chunk of { [Symbol.asyncIterator]: () => this.source }) yield chunk;
  }

  #keep(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    this.#seen += chunk.length;
    if (this.#seen <= this.limit) return;
    throw new ArchiveRefused('too large', `The archive holds more than the ${this.limit} bytes that are allowed here.`);
  }
}
