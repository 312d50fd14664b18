import 'reflect-metadata';
import { boot } from './boot.ts';
import { loadConfig, showsStacks, type Config } from './platform/config/config.ts';
import { OperatorError } from './platform/errors/app-error.ts';
import { operatorMessage } from './platform/errors/operator-message.ts';
import { HealthService } from './platform/health/health.service.ts';
import { drainAndClose } from './platform/http/drain.ts';
import { createHttpServer } from './platform/http/http-server.ts';
import { createLogger } from './platform/logging/logger.ts';
import { stopAll, stopOnSignal } from './stop-on-signal.ts';
import { welcome } from './welcome.ts';

async function main(): Promise<void> {
  const settings = loadConfig();
  const logger = createLogger(settings);
  // From the first moment: a start that is interrupted stops what it has started.
  const stops = stopOnSignal(logger, settings.SHUTDOWN_SECONDS, settings.DRAIN_SECONDS);
  try {
    const { module, config, server } = await boot(settings, logger, stops, undefined, settings.START_PATIENCE_SECONDS);
    const app = await createHttpServer(module, config, logger);
    stops.push((isOrderly) => {
      app.get(HealthService).startDraining();
      const drainMs = isOrderly ? settings.DRAIN_SECONDS * 1_000 : 0;
      // Half of the time for the requests, the rest for closing what they used.
      return drainAndClose(app, { drainMs, patienceMs: settings.SHUTDOWN_SECONDS * 500 });
    });
    await app.listen(config.PORT, config.HOST);
    process.stdout.write(welcome(config, server.description));
  } catch (error) {
    await stopAll(stops);
    throw cannotListen(error, settings) ?? error;
  }
}

const LISTEN_ERRORS: Record<string, string> = {
  EADDRINUSE: 'is taken. Stop what listens there, or choose another port: PORT=3100 in .env or in the environment',
  EADDRNOTAVAIL: 'is no address of this machine. HOST=0.0.0.0 listens on all of them',
  EACCES: 'is not open to this user. Ports below 1024 are the system’s; choose another one with PORT',
};

function cannotListen(error: unknown, { HOST, PORT }: Config): OperatorError | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return LISTEN_ERRORS[code] ? new OperatorError(`Port ${PORT} on ${HOST} ${LISTEN_ERRORS[code]}.`) : null;
}

main().catch((error: unknown) => {
  console.error(`\n${operatorMessage(error, showsStacks())}\n`);
  process.exit(1);
});
