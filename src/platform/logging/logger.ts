import pino, { type Logger } from 'pino';
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

export function createLogger(config: Pick<Config, 'LOG_LEVEL' | 'LOG_FORMAT'>): Logger {
  return pino({
    level: config.LOG_LEVEL,
    base: { service: 'projectflow' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
    redact: { paths: SECRETS, censor: '[redacted]' },
    serializers: { err: pino.stdSerializers.err },
    ...(config.LOG_FORMAT === 'pretty'
      ? { transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname,service', translateTime: 'HH:MM:ss.l', destination: 2 } } }
      : {}),
  });
}
