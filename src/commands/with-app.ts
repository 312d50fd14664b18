import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { boot } from '../boot.ts';
import { loadConfig } from '../platform/config/config.ts';
import { createLogger } from '../platform/logging/logger.ts';
import { NestLogger } from '../platform/logging/nest-logger.ts';
import { stopAll, type Stops } from '../stop-on-signal.ts';

/**
 * Runs a command against the product without serving requests or background work. With the embedded server it works
 * on the one that is running, or starts it for the command.
 */
export async function withApp<T>(work: (app: INestApplicationContext) => Promise<T>): Promise<T> {
  const settings = { ...loadConfig(), WORKER: false, LOG_LEVEL: 'warn' as const };
  const logger = createLogger(settings, process.stderr.fd);
  const stops: Stops = [];
  try {
    const { module } = await boot(settings, logger, stops);
    const app = await NestFactory.createApplicationContext(module, {
      logger: new NestLogger(logger),
      abortOnError: false,
    });
    stops.push(() => app.close());
    return await work(app);
  } finally {
    await stopAll(stops);
  }
}
