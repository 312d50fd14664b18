import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.ts';
import { SessionsModule } from '../sessions/sessions.module.ts';
import { TasksModule } from '../tasks/tasks.module.ts';
import { BulkController } from './bulk.controller.ts';
import { BulkJobs } from './bulk.jobs.ts';
import { BulkListeners } from './bulk.listeners.ts';
import { BulkOperationsService } from './bulk-operations.service.ts';
import { BulkService } from './bulk.service.ts';

/**
 * Owns: runs of operations on many tasks.
 * Offers: nothing to other modules.
 * Announces: BulkRunOrdered. Hears: BulkRunOrdered, for a job is sent when its order is stored.
 */
@Module({
  imports: [ApiKeysModule, SessionsModule, TasksModule],
  controllers: [BulkController],
  providers: [BulkService, BulkOperationsService, BulkListeners, BulkJobs],
})
export class BulkModule {}
