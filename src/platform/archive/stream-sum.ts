import { createHash } from 'node:crypto';
import { countRows } from './copy-streams.ts';

/** What the manifest says about one stream, counted while it passes. */
export class StreamSum {
  readonly #hash = createHash('sha256');
  rows = 0;
  bytes = 0;

  add(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.rows += countRows(chunk);
    this.bytes += chunk.length;
  }

  /** To be taken once, at the end. */
  sha256(): string {
    return this.#hash.digest('hex');
  }
}
