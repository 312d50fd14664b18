import { Global, Module } from '@nestjs/common';
import { TenantFiles } from './tenant-files.ts';

/** Owns: the folder of tenants' files. Offers: TenantFiles. */
@Global()
@Module({ providers: [TenantFiles], exports: [TenantFiles] })
export class FilesModule {}
