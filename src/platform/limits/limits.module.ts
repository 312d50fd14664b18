import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { REDIS } from '../cache/cache.module.ts';
import type { PreparedCluster } from '../database/prepare-cluster.ts';
import { ActionLimits } from './action-limits.ts';
import { RequestCounts } from './request-counts.ts';
import { StrangerLimits } from './stranger-limits.ts';

/** Owns: the counts of requests. Offers: RequestCounts, for the guards that limit, ActionLimits and StrangerLimits. */
@Global()
@Module({})
export class LimitsModule {
  static with({ names }: PreparedCluster): DynamicModule {
    return {
      module: LimitsModule,
      providers: [
        {
          provide: RequestCounts,
          inject: [REDIS],
          useFactory: (redis: Redis | null) => new RequestCounts(redis, names.installation),
        },
        ActionLimits,
        StrangerLimits,
      ],
      exports: [RequestCounts, ActionLimits, StrangerLimits],
    };
  }
}
