import type * as ClientS3 from '@aws-sdk/client-s3';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Config } from '../config/config.ts';
import { FilesAway } from './files.errors.ts';
import { FileStore, type ByteRange } from './file-store.ts';
import type { TenantFiles } from './tenant-files.ts';

type S3 = typeof ClientS3;
type S3Client = ClientS3.S3Client;

const CONNECT_MS = 2_000;
const ANSWER_MS = 15_000;
/** The first, and three more with growing pauses. */
const ATTEMPTS = 4;

/** In a bucket, below the tenant's id. Exports are written to disk in any case, so what is said of all files means both. */
export class S3FileStore extends FileStore {
  #opened: Promise<{ s3: S3; client: S3Client }> | null = null;

  constructor(
    private readonly config: Config,
    private readonly onDisk: TenantFiles,
  ) {
    super();
  }

  put(tenantId: string, name: string, content: Buffer): Promise<void> {
    return this.#upload(tenantId, name, () => content);
  }

  async takeOver(tenantId: string, name: string, path: string): Promise<void> {
    await this.#upload(tenantId, name, () => createReadStream(path));
    await rm(path, { force: true });
  }

  has(tenantId: string, name: string): Promise<boolean> {
    return this.#ask(async ({ s3, client }) => {
      try {
        await client.send(new s3.HeadObjectCommand(this.#place(tenantId, name)));
        return true;
      } catch (error) {
        if (error instanceof s3.NotFound) return false;
        throw error;
      }
    });
  }

  open(tenantId: string, name: string, range?: ByteRange): Promise<Readable | null> {
    const Range = range && `bytes=${range.start}-${range.end}`;
    return this.#ask(async ({ s3, client }) => {
      try {
        const { Body } = await client.send(new s3.GetObjectCommand({ ...this.#place(tenantId, name), Range }));
        return (Body as Readable | undefined) ?? null;
      } catch (error) {
        if (error instanceof s3.NoSuchKey) return null;
        throw error;
      }
    });
  }

  async remove(tenantId: string, name: string): Promise<void> {
    await this.#ask(({ s3, client }) => client.send(new s3.DeleteObjectCommand(this.#place(tenantId, name))));
  }

  async removeAll(tenantId: string): Promise<void> {
    await this.#ask(async ({ s3, client }) => {
      for await (const objects of this.#list(s3, client, tenantId)) {
        const Objects = objects.map(({ key }) => ({ Key: key }));
        const Bucket = this.config.S3_BUCKET;
        const { Errors = [] } = await client.send(new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
        if (Errors[0]) throw new Error(`${Errors.length} objects could not be removed: ${Errors[0].Message}`);
      }
    });
    await this.onDisk.removeAll(tenantId);
  }

  async sizeOf(tenantId: string): Promise<number> {
    const inBucket = await this.#ask(async ({ s3, client }) => {
      let bytes = 0;
      for await (const objects of this.#list(s3, client, tenantId))
        bytes += objects.reduce((sum, object) => sum + object.bytes, 0);
      return bytes;
    });
    return inBucket + (await this.onDisk.sizeOf(tenantId));
  }

  async #upload(tenantId: string, name: string, content: () => Buffer | Readable): Promise<void> {
    await this.#ask(async ({ client }) => {
      // In parts when it is large, and one request when it is not.
      const { Upload } = await import('@aws-sdk/lib-storage');
      await new Upload({ client, params: { ...this.#place(tenantId, name), Body: content() } }).done();
    });
  }

  /** A page of at most a thousand at a time, which is also what can be removed at once. */
  async *#list(s3: S3, client: S3Client, tenantId: string): AsyncGenerator<{ key: string; bytes: number }[]> {
    const where = { Bucket: this.config.S3_BUCKET, Prefix: this.#prefix(tenantId) };
    for await (const { Contents = [] } of s3.paginateListObjectsV2({ client }, where))
      if (Contents.length > 0) yield Contents.map(({ Key, Size }) => ({ key: Key!, bytes: Size ?? 0 }));
  }

  #place(tenantId: string, name: string): { Bucket: string | undefined; Key: string } {
    if (!/^[\w-]+(?:\.[\w-]+)*$/.test(name)) throw new Error(`not a name of a file: ${name}`);
    return { Bucket: this.config.S3_BUCKET, Key: `${this.#prefix(tenantId)}${name}` };
  }

  #prefix(tenantId: string): string {
    if (!/^[0-9a-f-]{36}$/.test(tenantId)) throw new Error(`not the id of a tenant: ${tenantId}`);
    return `${tenantId}/`;
  }

  async #ask<T>(work: (opened: { s3: S3; client: S3Client }) => Promise<T>): Promise<T> {
    const opened = await (this.#opened ??= this.#open());
    try {
      return await work(opened);
    } catch (error) {
      throw new FilesAway(error);
    }
  }

  /** At the first use: reading the library takes longer than the rest of the start. */
  async #open(): Promise<{ s3: S3; client: S3Client }> {
    const s3 = await import('@aws-sdk/client-s3');
    const { S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY } = this.config;
    const client = new s3.S3Client({
      region: S3_REGION,
      ...(S3_ENDPOINT ? { endpoint: S3_ENDPOINT, forcePathStyle: true } : {}),
      ...(S3_ACCESS_KEY && S3_SECRET_KEY
        ? { credentials: { accessKeyId: S3_ACCESS_KEY, secretAccessKey: S3_SECRET_KEY } }
        : {}),
      // Servers other than AWS's own do not know the sums that are sent otherwise.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      maxAttempts: ATTEMPTS,
      requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS },
    });
    return { s3, client };
  }
}
