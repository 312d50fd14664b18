import type { Readable } from 'node:stream';

/** Of a file: the first byte and the last one, from 0. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Files that belong to rows of a tenant, such as pictures: on disk, or in a bucket where the operator has named one.
 * Names are made by us and never used twice, so that a file is written once and never changed.
 */
export abstract class FileStore {
  /**
   * Takes over a file that lies in the tenant's folder (TenantFiles), whatever its size; there is none of that path
   * afterwards. @throws FilesAway, and then it lies there still
   */
  abstract takeOver(tenantId: string, name: string, path: string): Promise<void>;
  /** @param name letters, digits, `-`, `_` and inner dots @throws FilesAway */
  abstract put(tenantId: string, name: string, content: Buffer): Promise<void>;
  /** @throws FilesAway */
  abstract has(tenantId: string, name: string): Promise<boolean>;
  /** Null when there is no such file. Of a range nothing else is read. @throws FilesAway */
  abstract open(tenantId: string, name: string, range?: ByteRange): Promise<Readable | null>;
  /** Also when it is gone already. @throws FilesAway */
  abstract remove(tenantId: string, name: string): Promise<void>;
  /** All files of a tenant, exports too. @throws FilesAway */
  abstract removeAll(tenantId: string): Promise<void>;
  /** Bytes of all files of a tenant, exports too. @throws FilesAway */
  abstract sizeOf(tenantId: string): Promise<number>;
}
