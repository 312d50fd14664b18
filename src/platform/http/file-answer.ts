import { StreamableFile } from '@nestjs/common';
import parseRange from 'range-parser';
import type { Readable } from 'node:stream';
import type { ByteRange } from '../files/file-store.ts';
import { RangeOutside } from '../files/files.errors.ts';

interface FileFacts {
  /** What it is a version of; any change of it gives another one. */
  version: string;
  type: string;
  /** As it is called when it is saved, in any script. */
  name: string;
  /** Shown by a browser where it stands, and not saved: only for what we have written ourselves. */
  inline?: boolean;
  /** Where it is known, a part can be asked for. */
  bytes?: number;
}

/** A file that clients keep and ask for again with If-None-Match. */
export class FileAnswer {
  readonly tag: string;
  readonly bytes: number | null;

  /** @param read the file, or of it what the range says; called once, and only when it is sent */
  constructor(
    private readonly facts: FileFacts,
    private readonly read: (range?: ByteRange) => Promise<Readable>,
  ) {
    this.tag = `"${facts.version}"`;
    this.bytes = facts.bytes ?? null;
  }

  /**
   * Which part a request asks for (RFC 9110, 14.2); null for the whole file. That is also the answer to what cannot be
   * read, to several ranges at once, and to a range of a version that is not this one.
   *
   * @throws RangeOutside when it asks for nothing that is there
   */
  rangeOf({ range, ifRange }: { range: string | undefined; ifRange: string | undefined }): ByteRange | null {
    if (range === undefined || this.bytes === null || (ifRange !== undefined && ifRange !== this.tag)) return null;
    // The last bytes of it, and more than there are: all of it. The parser takes that for none.
    if (Number(/^bytes=-(\d+)$/.exec(range)?.[1] ?? 0) > this.bytes && this.bytes > 0) return null;
    const ranges = parseRange(this.bytes, range);
    if (ranges === -1 && range.startsWith('bytes=')) throw new RangeOutside(this.bytes);
    if (typeof ranges === 'number' || ranges.type !== 'bytes' || ranges.length !== 1) return null;
    return ranges[0]!;
  }

  async open(range: ByteRange | null): Promise<StreamableFile> {
    const { type, name, inline } = this.facts;
    const length = range ? range.end - range.start + 1 : (this.bytes ?? undefined);
    const disposition = `${inline ? 'inline' : 'attachment'}; ${named(name)}`;
    return new StreamableFile(await this.read(range ?? undefined), { type, disposition, length });
  }
}

/** For every client in ASCII, and as it is for those that know RFC 8187. */
function named(name: string): string {
  const plain = `filename="${name.replace(/[^\x20-\x7e]|["\\%]/g, '_')}"`;
  return /^[\w.-]+$/.test(name) ? plain : `${plain}; filename*=UTF-8''${encoded(name.toWellFormed())}`;
}

function encoded(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
