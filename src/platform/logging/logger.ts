import { isatty } from 'node:tty';
import pino, { type Logger, type LoggerOptions } from 'pino';
import type { Config } from '../config/config.ts';
import { operatorMessage } from '../errors/operator-message.ts';

/** Wherever a secret could stand in a log record. Bodies are never logged at all. */
const SECRET_KEYS = ['password', 'newPassword', 'accessToken', 'refreshToken', 'token', 'authorization', 'cookie'];
const SECRETS = [
  ...SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
  // PostgreSQL repeats the row that broke a rule, and TypeORM the statement's parameters.
  'err.detail',
  'err.parameters',
  'err.driverError',
];

export function loggerOptions(level: string): LoggerOptions {
  return {
    level,
    base: { service: 'projectflow' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRETS, censor: '[redacted]' },
    serializers: { err: pino.stdSerializers.err },
  };
}

function withoutStack(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  return { type: error.name, message: operatorMessage(error), ...(code === undefined ? {} : { code }) };
}

/**
 * @param output file descriptor; commands keep standard output for their result
 * @param stacks whether errors are logged with where they came from; commands show that with LOG_LEVEL=debug alone
 */
export function createLogger(
  config: Pick<Config, 'LOG_LEVEL' | 'LOG_FORMAT'>,
  { output = process.stdout.fd, stacks = true }: { output?: number; stacks?: boolean } = {},
): Logger {
  const options = loggerOptions(config.LOG_LEVEL);
  if (!stacks) options.serializers = { err: withoutStack };
  const isPretty = config.LOG_FORMAT === 'pretty' || (config.LOG_FORMAT === 'auto' && isatty(output));
  if (!isPretty) return pino(options, pino.destination({ dest: output, sync: true }));
  const pretty = { ignore: 'pid,hostname,service', translateTime: 'HH:MM:ss.l', destination: output };
  // A label formatter does not reach a transport; pino-pretty names the levels itself.
  return pino({ ...options, formatters: undefined, transport: { target: 'pino-pretty', options: pretty } });
}
