import { Global, Module } from '@nestjs/common';
import { WorkerThreads } from './worker-threads.ts';

/** Owns: the threads besides the one that answers. Offers: WorkerThreads. */
@Global()
@Module({ providers: [WorkerThreads], exports: [WorkerThreads] })
export class ThreadsModule {}
