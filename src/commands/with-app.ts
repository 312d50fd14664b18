import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { boot } from '../boot.ts';
import { OperatorEvents, type CommandAct } from '../operators/operator-events.service.ts';
import { loadConfig, showsStacks } from '../platform/config/config.ts';
import { AppError, OperatorError } from '../platform/errors/app-error.ts';
import { createLogger } from '../platform/logging/logger.ts';
import { NestLogger } from '../platform/logging/nest-logger.ts';
import { stopAll, type Stops } from '../stop-on-signal.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { currentAct, currentTenant } from './acts.ts';
import { withWayOut } from './way-out.ts';

/**
 * Runs a command against the product without serving requests or background work. With the embedded server it works
 * on the one that is running, or starts it for the command. A command that changes something is put on record first: when
 * that fails, nothing is done.
 */
export async function withApp<T>(work: (app: INestApplicationContext) => Promise<T>): Promise<T> {
  if (running) return onRecord(running, currentAct(), work);
  const settings = { ...loadConfig(), WORKER: false, LOG_LEVEL: 'warn' as const };
  const logger = createLogger(settings, { output: process.stderr.fd, stacks: showsStacks() });
  const stops: Stops = [];
  try {
    const { module } = await boot(settings, logger, stops);
    const app = await NestFactory.createApplicationContext(module, {
      logger: new NestLogger(logger),
      abortOnError: false,
    });
    stops.push(() => app.close());
    return await onRecord(app, currentAct(), work);
  } finally {
    await stopAll(stops);
  }
}

let running: INestApplicationContext | null = null;

/** Commands run on this application from now on, which is there already; null: each starts its own again. */
export function runCommandsOn(app: INestApplicationContext | null): void {
  running = app;
}

/** @param act null for what only reads */
async function onRecord<T>(
  app: INestApplicationContext,
  act: CommandAct | null,
  work: (app: INestApplicationContext) => Promise<T>,
): Promise<T> {
  const events = app.get(OperatorEvents);
  const id = act && (await events.beginCommand(await withTenantId(app, act)));
  try {
    const result = await work(app);
    const failed = failuresIn(result);
    if (id) await events.endCommand(id, failed > 0 ? 'failed' : 'done', failed > 0 ? { failed } : {});
    return result;
  } catch (error) {
    const shown = await withWayOut(app, error, currentTenant());
    if (id) {
      const refused = shown instanceof AppError || shown instanceof OperatorError;
      const code = shown instanceof AppError ? shown.code : shown instanceof Error ? shown.message : String(shown);
      // The error that is shown is more important than that it could not be noted.
      await events
        .endCommand(id, refused ? 'refused' : 'failed', { refused: code.slice(0, 500) })
        .catch(() => undefined);
    }
    throw shown;
  }
}

/** As over HTTP, where tenants are named by their ids. The slug stays in the details. */
async function withTenantId(app: INestApplicationContext, act: CommandAct): Promise<CommandAct> {
  const slug = currentTenant();
  if (slug === null) return act;
  const tenant = await app
    .get(TenantsService)
    .getBySlug(slug)
    .catch(() => null);
  return { ...act, target: tenant?.id ?? act.target, details: { slug, ...act.details } };
}

/** Of a run over many, in which each one's failure stays its own. */
function failuresIn(result: unknown): number {
  const { failed } = (result ?? {}) as { failed?: unknown };
  return Array.isArray(failed) ? failed.length : 0;
}
