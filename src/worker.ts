import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { boot } from './boot.ts';
import { loadConfig, showsStacks } from './platform/config/config.ts';
import { operatorMessage } from './platform/errors/operator-message.ts';
import { createLogger } from './platform/logging/logger.ts';
import { NestLogger } from './platform/logging/nest-logger.ts';
import { stopAll, stopOnSignal } from './stop-on-signal.ts';

/** Background work without serving requests: beside instances of main that run with WORKER=false. */
async function main(): Promise<void> {
  const settings = { ...loadConfig(), WORKER: true };
  const logger = createLogger(settings);
  const stops = stopOnSignal(logger, settings.SHUTDOWN_SECONDS);
  try {
    const { module } = await boot(settings, logger, stops, undefined, settings.START_PATIENCE_SECONDS);
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
  console.error(`\n${operatorMessage(error, showsStacks())}\n`);
  process.exit(1);
});
