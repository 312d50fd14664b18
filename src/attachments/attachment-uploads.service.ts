import { Inject, Injectable } from '@nestjs/common';
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { FileStore } from '../platform/files/file-store.ts';
import type { ArrivingFile, IncomingFile } from '../platform/files/incoming-file.ts';
import { DRAFT, TenantFiles } from '../platform/files/tenant-files.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Attachment } from './attachment.entity.ts';
import { FileInspection } from './file-inspection.service.ts';
import { refuseDangerous } from './file-kinds.rules.ts';
import { cleanFileName } from './file-name.rules.ts';

/** A file that is in the store, and what is known of it. */
export type StoredFile = Pick<
  Attachment,
  'name' | 'mediaType' | 'bytes' | 'sha256' | 'fileKey' | 'width' | 'height' | 'hasThumbnail'
>;

/** Far longer than a request, or a restore that brings files, can take. */
const ABANDONED_MS = 24 * 3_600_000;

/** Brings files into the store. They pass through the tenant's folder on disk, where they are looked at, never through memory. */
@Injectable()
export class AttachmentUploads {
  constructor(
    private readonly inspection: FileInspection,
    private readonly files: FileStore,
    private readonly folder: TenantFiles,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /**
   * Stores a file that arrives, and has `keep` write it down. When that fails, or anything before, nothing of it is left.
   *
   * @param keep is given the fields of the form too
   * @throws FileTooLarge, FileExpected, FileNameRefused, FileTypeRefused, FileTypeMismatch, AttachedFileRefused, PictureRefused, FilesAway
   */
  async take<T>(
    { tenant }: TenantContext,
    file: IncomingFile,
    keep: (stored: StoredFile, fields: { commentId?: string }) => Promise<T>,
  ): Promise<T> {
    const fileKey = `attachment-${randomBytes(16).toString('hex')}`;
    const draft = await this.folder.pathTo(tenant.id, `${fileKey}${DRAFT}`);
    try {
      const order = { mostBytes: this.config.MAX_ATTACHMENT_BYTES, fields: ['commentId'] };
      const { taken, fields } = await file.receive(order, (arriving) => write(arriving, draft));
      const { mediaType, preview } = await this.inspection.inspect(draft, taken.name);
      await this.files.takeOver(tenant.id, fileKey, draft);
      if (preview) await this.files.put(tenant.id, thumbnailKeyOf(fileKey), preview.content);
      const picture = {
        width: preview?.width ?? null,
        height: preview?.height ?? null,
        hasThumbnail: preview !== null,
      };
      return await keep({ ...taken, ...picture, mediaType, fileKey }, fields);
    } catch (error) {
      await rm(draft, { force: true });
      await this.remove(tenant.id, fileKey).catch((failure: unknown) =>
        this.log.warn({ err: failure, tenant: tenant.slug, fileKey }, 'a file that is nobody’s could not be removed'),
      );
      throw error;
    }
  }

  /** What uploads of processes that died have left on disk. @returns how many files */
  removeAbandoned(): Promise<number> {
    return this.folder.removeDrafts(new Date(Date.now() - ABANDONED_MS));
  }

  /** With its thumbnail. @throws FilesAway */
  async remove(tenantId: string, fileKey: string): Promise<void> {
    await this.files.remove(tenantId, fileKey);
    await this.files.remove(tenantId, thumbnailKeyOf(fileKey));
  }
}

/** What the small picture of a file is called among the files of the tenant. */
export function thumbnailKeyOf(fileKey: string): string {
  return `${fileKey}.webp`;
}

async function write(
  { name, content }: ArrivingFile,
  path: string,
): Promise<Pick<StoredFile, 'name' | 'bytes' | 'sha256'>> {
  const clean = cleanFileName(name);
  refuseDangerous(clean);
  const sum = createHash('sha256');
  let bytes = 0;
  const measured = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      sum.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  await pipeline(content, measured, createWriteStream(path, { mode: 0o600 }));
  return { name: clean, bytes, sha256: sum.digest('hex') };
}
