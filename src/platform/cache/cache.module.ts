import {
  Global,
  Injectable,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { getDataSourceToken } from '@nestjs/typeorm';
import { createHmac } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { CONFIG } from '../config/config.module.ts';
import type { Config } from '../config/config.ts';
import type { PreparedCluster } from '../database/prepare-cluster.ts';
import { LOGGER } from '../logging/logging.module.ts';
import { Cache } from './cache.ts';
import { News } from './news.ts';

/** The connection to Redis, or null without REDIS_URL. Commands fail fast: every user of it has another way. */
export const REDIS = Symbol('redis');

function connect(config: Config, log: Logger): Redis | null {
  if (!config.REDIS_URL) return null;
  const redis = new Redis(config.REDIS_URL, {
    connectTimeout: 1_000,
    commandTimeout: 500,
    // Or a process that stops while Redis is away would wait for its goodbye.
    disconnectTimeout: 200,
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

/** Listens while the process runs, and closes the connections when it ends. */
@Injectable()
class CacheUpkeep implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly cache: Cache,
    private readonly news: News,
  ) {}

  onApplicationBootstrap(): void {
    this.news.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.cache.close(), this.news.close()]);
  }
}

/** A name that only those know who share the installation's secret. */
function channelOf(loginSecret: string): string {
  return `projectflow_${createHmac('sha256', loginSecret).update('news channel').digest('hex').slice(0, 32)}`;
}

/** Owns: the connection to Redis, the connection that listens. Offers: Cache, News, REDIS. */
@Global()
@Module({})
export class CacheModule {
  static with({ listenUrl, names, loginSecret }: PreparedCluster): DynamicModule {
    return {
      module: CacheModule,
      providers: [
        { provide: REDIS, useFactory: connect, inject: [CONFIG, LOGGER] },
        {
          provide: News,
          inject: [getDataSourceToken(), LOGGER],
          useFactory: (registry: DataSource, log: Logger) =>
            new News(
              {
                channel: channelOf(loginSecret),
                url: listenUrl,
                tell: (statement, parameters) => registry.query(statement, parameters),
              },
              log,
            ),
        },
        {
          provide: Cache,
          inject: [REDIS, News],
          useFactory: (redis: Redis | null, news: News) => new Cache(redis, news, names.installation),
        },
        CacheUpkeep,
      ],
      exports: [Cache, News, REDIS],
    };
  }
}
