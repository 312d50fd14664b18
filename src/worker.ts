import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { boot } from './boot.ts';
import { loadConfig } from './platform/config/config.ts';
import { OperatorError } from './platform/errors/app-error.ts';
import { createLogger } from './platform/logging/logger.ts';
import { NestLogger } from './platform/logging/nest-logger.ts';
import { stopAll, stopOnSignal } from './stop-on-signal.ts';

/** Background work without serving requests: beside instances of main that run with WORKER=false. */
async function main(): Promise<void> {
  const settings = { ...loadConfig(), WORKER: true };
  const logger = createLogger(settings);
  const stops = stopOnSignal(logger, settings.SHUTDOWN_SECONDS);
  try {
    const { module } = await boot(settings, logger, stops);
    const app = await NestFactory.createApplicationContext(module, {
      logger: new NestLogger(logger),
      abortOnError: false,
    });
    stops.push(() => app.close());
    logger.info('worker is running');
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof OperatorError ? `\n${error.message}\n` : error);
  process.exit(1);
});
