import pino, { type Logger, type LoggerOptions } from 'pino';
import type { Config } from '../config/config.ts';

/** Wherever a secret could stand in a log record. Bodies are never logged at all. */
const SECRETS = [
  'password',
  'newPassword',
  'accessToken',
  'refreshToken',
  'token',
  'authorization',
  'cookie',
  'req.headers.authorization',
  'req.headers.cookie',
  'headers.authorization',
  'headers.cookie',
  '*.password',
  '*.accessToken',
  '*.refreshToken',
  '*.token',
  '*.authorization',
  '*.cookie',
  // PostgreSQL repeats the row that broke a rule, and TypeORM its parameters.
  'err.detail',
  'err.parameters',
  'err.driverError',
];

/** @param output file descriptor; commands keep standard output for their result */
export function createLogger(config: Pick<Config, 'LOG_LEVEL' | 'LOG_FORMAT'>, output: number = process.stdout.fd): Logger {
  const pretty = config.LOG_FORMAT === 'pretty';
  const options: LoggerOptions = {
    level: config.LOG_LEVEL,
    base: { service: 'projectflow' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
    redact: { paths: SECRETS, censor: '[redacted]' },
    serializers: { err: pino.stdSerializers.err },
  };
  // formatters.level does not reach a transport; pino-pretty names levels itself.
  if (pretty) return pino({ ...options, formatters: undefined, transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname,service', translateTime: 'HH:MM:ss.l', destination: output } } });
  return pino(options, pino.destination({ dest: output, sync: true }));
}
