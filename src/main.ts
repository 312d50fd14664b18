import 'reflect-metadata';
import { boot } from './boot.ts';
import { loadConfig } from './platform/config/config.ts';
import { OperatorError } from './platform/errors/app-error.ts';
import { createHttpServer, drainAndClose } from './platform/http/http-server.ts';
import { createLogger } from './platform/logging/logger.ts';
import { stopAll, stopOnSignal } from './stop-on-signal.ts';
import { welcome } from './welcome.ts';

async function main(): Promise<void> {
  const settings = loadConfig();
  const logger = createLogger(settings);
  // From the first moment: a start that is interrupted stops what it has started.
  const stops = stopOnSignal(logger, settings.SHUTDOWN_SECONDS);
  try {
    const { module, config, server } = await boot(settings, logger, stops);
    const app = await createHttpServer(module, config, logger);
    stops.push(() => drainAndClose(app));
    await app.listen(config.PORT, config.HOST);
    process.stdout.write(welcome(config, server.description));
  } catch (error) {
    await stopAll(stops);
    throw portTaken(error, settings.PORT) ?? error;
  }
}

function portTaken(error: unknown, port: number): OperatorError | null {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  return taken
    ? new OperatorError(`Port ${port} is taken. Stop what listens there, or choose another one: PORT=3100 npm start`)
    : null;
}

main().catch((error: unknown) => {
  console.error(error instanceof OperatorError ? `\n${error.message}\n` : error);
  process.exit(1);
});
