import 'reflect-metadata';
import type { Provider } from '@nestjs/common';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pino, { type Logger } from 'pino';
import pg from 'pg';
import { boot } from '../../src/boot.ts';
import type { MigrationClass } from '../../src/platform/database/migration-recorder.ts';
import { loadConfig } from '../../src/platform/config/config.ts';
import { stopAll, type Stops } from '../../src/stop-on-signal.ts';
import { closeSilentConnections } from '../../src/platform/http/drain.ts';
import { createHttpServer } from '../../src/platform/http/http-server.ts';
import { createDatabase, type TestDatabase } from './database.ts';
import { startPgBouncer } from './pgbouncer.ts';

/** 32 bytes, known to everybody. */
export const TEST_KEY = Buffer.alloc(32, 7).toString('base64');

export interface TestApp {
  /** `http://127.0.0.1:<port>` */
  url: string;
  nest: NestFastifyApplication;
  database: TestDatabase;
  /** The owner's connection, to look behind the API. */
  owner: pg.Pool;
  stop(): Promise<void>;
}

export interface AppOptions {
  /** Settings as in the environment. */
  settings?: Record<string, string>;
  /** Another app's database, for tests with two instances; this app then leaves it standing. */
  database?: TestDatabase;
  logger?: Logger;
  /** Whether the free plan's limits hold; most tests want more people than it allows. */
  limits?: boolean;
  /** More than the product has, such as handlers for the jobs of a test. */
  providers?: Provider[];
  /** Those of another release; the product's own when not given. */
  tenantMigrations?: MigrationClass[];
}

/** The whole product on a free port and a database of its own; behind a PgBouncer of its own with TEST_POOLER=1. */
export async function startApp({
  settings = {},
  database,
  logger = pino({ level: 'silent' }),
  limits = false,
  providers = [],
  tenantMigrations,
}: AppOptions = {}): Promise<TestApp> {
  const own = database ?? (await createDatabase());
  const pooler = process.env['TEST_POOLER'] ? await startPgBouncer(own) : null;
  const config = loadConfig({
    DATABASE_URL: own.url,
    ENCRYPTION_KEY: TEST_KEY,
    READY_POOL_SIZE: '2',
    FILES_DIR: join(tmpdir(), `projectflow-files-${own.name}`),
    // People of a test are quicker than people; those about limits turn them on.
    RATE_LIMIT_ENABLED: 'false',
    TENANT_HOMES: '2',
    TENANT_CONNECTIONS: '8',
    ...(pooler ? { DATABASE_POOLER_URL: pooler.url } : {}),
    // Stories change rows behind the product's back; actors.spec.ts has the product's own value.
    ACTOR_CACHE_SECONDS: '1',
    ...settings,
  });
  const stops: Stops = [];
  const started = await boot(config, logger, stops, tenantMigrations);
  const module = { ...started.module, providers: [...(started.module.providers ?? []), ...providers] };
  const owner = new pg.Pool({ connectionString: own.url, max: 2 });
  owner.on('error', () => undefined);
  if (!limits) await owner.query(`UPDATE public.plans SET limits = '{}'`);
  const nest = await createHttpServer(module, started.config, logger);
  await nest.listen(0, '127.0.0.1');
  return {
    url: (await nest.getUrl()).replace('[::1]', '127.0.0.1'),
    nest,
    database: own,
    owner,
    stop: async () => {
      closeSilentConnections(nest.getHttpServer());
      await nest.close();
      await stopAll(stops);
      await owner.end();
      await pooler?.stop();
      if (!database) await Promise.all([own.drop(), rm(config.FILES_DIR!, { recursive: true, force: true })]);
    },
  };
}
