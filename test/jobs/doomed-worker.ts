/**
 * A worker that begins its first job and never ends it; a test kills it. Started with plain node, which strips types
 * and knows neither decorators nor what else must be compiled: the product comes from dist.
 */
import type * as Boot from '../../src/boot.ts';
import type * as ConfigFile from '../../src/platform/config/config.ts';
import type { JobRun } from '../../src/platform/jobs/job.ts';
import type * as PerformsFile from '../../src/platform/jobs/performs.ts';
import type * as LoggerFile from '../../src/platform/logging/logger.ts';
import { hold } from './hold.ts';

const product = new URL('../../dist/src/', import.meta.url);
const load = <T>(file: string): Promise<T> => import(new URL(file, product).href) as Promise<T>;

await import('reflect-metadata');
const { NestFactory } = await import('@nestjs/core');
const { boot } = await load<typeof Boot>('boot.js');
const { loadConfig } = await load<typeof ConfigFile>('platform/config/config.js');
const { createLogger } = await load<typeof LoggerFile>('platform/logging/logger.js');
const { Performs } = await load<typeof PerformsFile>('platform/jobs/performs.js');

class DoomedJobs {
  hold(_: object, run: JobRun): Promise<void> {
    process.stdout.write(`begun ${run.id}\n`);
    return new Promise(() => undefined);
  }
}
Performs(hold)(DoomedJobs.prototype, 'hold', Object.getOwnPropertyDescriptor(DoomedJobs.prototype, 'hold')!);

const config = loadConfig();
const { module } = await boot(config, createLogger(config), []);
await NestFactory.createApplicationContext(
  { ...module, providers: [...(module.providers ?? []), DoomedJobs] },
  { logger: ['error', 'warn'] },
);
