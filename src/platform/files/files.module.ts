import { Global, Module } from '@nestjs/common';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { DiskFileStore } from './disk-file-store.ts';
import { FileStore } from './file-store.ts';
import { S3FileStore } from './s3-file-store.ts';
import { TenantFiles } from './tenant-files.ts';

/** Owns: the folder of tenants' files, and the bucket where there is one. Offers: TenantFiles, FileStore. */
@Global()
@Module({
  providers: [
    TenantFiles,
    {
      provide: FileStore,
      inject: [CONFIG, TenantFiles],
      useFactory: (config: Config, files: TenantFiles) =>
        config.S3_BUCKET === undefined ? new DiskFileStore(files) : new S3FileStore(config, files),
    },
  ],
  exports: [TenantFiles, FileStore],
})
export class FilesModule {}
