import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MovesModule } from '../moves/moves.module.ts';
import { ArchiveOrders } from './archive-orders.service.ts';
import { ArchivedFiles } from './archived-files.service.ts';
import { ArchiveRecord } from './archive.entity.ts';
import { ArchivesController } from './archives.controller.ts';
import { ArchivesJobs } from './archives.jobs.ts';
import { ArchivesService } from './archives.service.ts';
import { PlatformArchivesController } from './platform-archives.controller.ts';
import { TenantArchives } from './tenant-archives.service.ts';

/**
 * Owns: whole tenants as single files: exports that organisations ask for (public.archives), backups, imports, clones.
 * Offers: TenantArchives, to the operators' commands. Announces: nothing. Hears: nothing.
 */
@Module({
  imports: [TypeOrmModule.forFeature([ArchiveRecord]), MovesModule],
  controllers: [ArchivesController, PlatformArchivesController],
  providers: [TenantArchives, ArchivedFiles, ArchivesService, ArchiveOrders, ArchivesJobs],
  exports: [TenantArchives],
})
export class ArchivesModule {}
