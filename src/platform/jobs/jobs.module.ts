import { Global, Inject, Injectable, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import type { Logger } from 'pino';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import type { PreparedCluster } from '../database/prepare-cluster.ts';
import { LOGGER } from '../logging/logging.module.ts';
import { JobHandlers } from './job-handlers.ts';
import { JobQueue } from './job-queue.ts';
import { JobWorker } from './job-worker.ts';
import { JobsController } from './jobs.controller.ts';
import { Jobs } from './jobs.ts';

@Injectable()
class JobsShutdown implements OnApplicationShutdown {
  constructor(@Inject(JobQueue) private readonly queue: JobQueue) {}

  onApplicationShutdown(): Promise<void> {
    return this.queue.close();
  }
}

/** Owns: the job queue and its worker. Offers: Jobs; handlers declare themselves with @Performs in a `*.jobs.ts`. */
@Global()
@Module({})
export class JobsModule {
  static with({ platformUrl }: PreparedCluster): DynamicModule {
    return {
      module: JobsModule,
      imports: [DiscoveryModule],
      controllers: [JobsController],
      providers: [
        {
          provide: JobQueue,
          inject: [CONFIG, LOGGER],
          useFactory: (config: Config, log: Logger) => new JobQueue(platformUrl, config.WORKER, log),
        },
        Jobs,
        JobHandlers,
        JobWorker,
        JobsShutdown,
      ],
      exports: [Jobs],
    };
  }
}
