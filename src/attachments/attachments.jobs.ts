import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import type { Logger } from 'pino';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { LOGGER } from '../platform/logging/logging.module.ts';
import { AttachmentUploads } from './attachment-uploads.service.ts';

const EVERY_MS = 3_600_000;

@Injectable()
export class AttachmentsJobs {
  constructor(
    private readonly uploads: AttachmentUploads,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  @Interval(EVERY_MS)
  async removeAbandoned(): Promise<void> {
    if (!this.config.WORKER) return;
    try {
      const removed = await this.uploads.removeAbandoned();
      if (removed > 0) this.log.info({ removed }, 'files that were never finished are removed');
    } catch (error) {
      this.log.warn({ err: error }, 'files that were never finished could not be removed');
    }
  }
}
