import { Global, Injectable, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import { LOGGER } from '../logging/logging.module.ts';
import { Cache } from './cache.ts';

/** The connection to Redis, or null without REDIS_URL. Commands fail fast: every user of it has another way. */
export const REDIS = Symbol('redis');

function connect(config: Config, log: Logger): Redis | null {
  if (!config.REDIS_URL) return null;
  const redis = new Redis(config.REDIS_URL, {
    connectTimeout: 1_000,
    commandTimeout: 500,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    retryStrategy: (attempt) => Math.min(attempt * 200, 5_000),
  });
  let away = false;
  redis.on('error', (error) => {
    if (!away) log.warn({ err: error }, 'Redis is away; going on without it');
    away = true;
  });
  redis.on('ready', () => {
    if (away) log.info('Redis is back');
    away = false;
  });
  return redis;
}

@Injectable()
class CacheShutdown implements OnApplicationShutdown {
  constructor(private readonly cache: Cache) {}

  onApplicationShutdown(): Promise<void> {
    return this.cache.close();
  }
}

/** Owns: the connection to Redis. Offers: Cache, REDIS. */
@Global()
@Module({})
export class CacheModule {
  /** @param prefix of all keys, the same for every instance of this installation */
  static with(prefix: string): DynamicModule {
    return {
      module: CacheModule,
      providers: [
        { provide: REDIS, useFactory: connect, inject: [CONFIG, LOGGER] },
        { provide: Cache, useFactory: (redis: Redis | null) => new Cache(redis, prefix), inject: [REDIS] },
        CacheShutdown,
      ],
      exports: [Cache, REDIS],
    };
  }
}
