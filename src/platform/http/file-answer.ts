import { StreamableFile } from '@nestjs/common';
import type { Readable } from 'node:stream';

interface FileFacts {
  /** What it is a version of; any change of it gives another one. */
  version: string;
  type: string;
  /** As it is called when it is saved; of ASCII letters, digits, `-`, `_` and dots. */
  name: string;
  /** Shown by a browser where it stands, and not saved: only for what we have written ourselves. */
  inline?: boolean;
}

/** A file that clients keep and ask for again with If-None-Match. */
export class FileAnswer {
  readonly tag: string;

  constructor(
    private readonly facts: FileFacts,
    private readonly read: () => Promise<Readable>,
  ) {
    this.tag = `"${facts.version}"`;
  }

  async open(): Promise<StreamableFile> {
    const { type, name, inline } = this.facts;
    const disposition = `${inline ? 'inline' : 'attachment'}; filename="${name}"`;
    return new StreamableFile(await this.read(), { type, disposition });
  }
}
