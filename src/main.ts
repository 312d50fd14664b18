import 'reflect-metadata';
import { boot } from './boot.ts';
import { loadConfig } from './platform/config/config.ts';
import { OperatorError } from './platform/errors/app-error.ts';
import { createHttpServer } from './platform/http/http-server.ts';
import { createLogger } from './platform/logging/logger.ts';
import { stopOnSignal } from './stop-on-signal.ts';
import { welcome } from './welcome.ts';

async function main(): Promise<void> {
  const settings = loadConfig();
  const logger = createLogger(settings);
  const { module, config, server } = await boot(settings, logger);
  const stopServer = () => server.stop();
  try {
    const app = await createHttpServer(module, config, logger);
    stopOnSignal(logger, config.SHUTDOWN_SECONDS, async () => {
      await app.close();
      await stopServer();
    });
    await app.listen(config.PORT, config.HOST);
    process.stdout.write(welcome(config, server.description));
  } catch (error) {
    await stopServer();
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
