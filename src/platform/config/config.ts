import { bool, cleanEnv, makeValidator, str, url, type CleanedEnvAccessors } from 'envalid';
import { config as readDotEnv } from 'dotenv';
import { isAbsolute, resolve } from 'node:path';
import { OperatorError } from '../errors/app-error.ts';

const whole = (min: number, max: number) =>
  makeValidator<number>((input) => {
    const value = Number(input);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new Error(`must be a whole number from ${min} to ${max}, and is "${input}"`);
    }
    return value;
  });

const path = makeValidator<string>((input) => (isAbsolute(input) ? input : resolve(input)));

const list = makeValidator<string[]>((input) =>
  input
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

const hostname = makeValidator<string>((input) => {
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(input))
    throw new Error(`must be a host name such as example.com, and is "${input}"`);
  return input;
});

const encryptionKey = makeValidator<string>((input) => {
  if (Buffer.from(input, 'base64').length !== 32) {
    throw new Error('must be 32 bytes in base64; make one with: openssl rand -base64 32');
  }
  return input;
});

/** Every setting there is. `.env.example` lists the same keys; a test keeps the two together. */
export const settings = {
  PORT: whole(0, 65_535)({ default: 3000, desc: 'port of the HTTP server' }),
  HOST: str({ default: '0.0.0.0', desc: 'address to listen on' }),
  PUBLIC_URL: url({ default: undefined, desc: 'address under which clients reach the API; the issuer of tokens' }),
  BASE_DOMAIN: hostname({ default: 'localhost', desc: 'acme.<BASE_DOMAIN> is the organisation acme' }),
  ALLOWED_ORIGINS: list({ default: ['http://localhost:3000'], desc: 'origins of browsers that may call, with commas' }),
  APP_URL: str({
    default: undefined,
    desc: 'address of the browser application, for links in mails; {tenant} stands for the slug',
  }),
  PASSKEY_DOMAIN: hostname({ default: undefined, desc: 'domain that passkeys belong to; BASE_DOMAIN when not set' }),
  OUTGOING_ALLOW_HOSTS: list({
    default: [],
    desc: 'hosts that may be asked without https and wherever they are, such as an identity provider on this machine',
  }),
  TRUST_PROXY: whole(0, 10)({ default: 0, desc: 'proxies in front whose X-Forwarded-* is believed; 0 believes none' }),
  DATA_DIR: path({ default: resolve('.data'), desc: 'embedded PostgreSQL and generated secrets' }),
  FILES_DIR: path({
    default: undefined,
    desc: 'files of tenants; files in DATA_DIR when not set, shared by all instances',
  }),
  MAX_ATTACHMENT_BYTES: whole(
    1,
    1_073_741_824,
  )({ default: 26_214_400, desc: 'bytes of the largest file that can be attached to a task' }),
  S3_BUCKET: str({
    default: undefined,
    desc: 'bucket that pictures and attachments are kept in, instead of FILES_DIR; optional',
  }),
  S3_ENDPOINT: url({ default: undefined, desc: 'address of the S3 server; that of AWS when not set' }),
  S3_REGION: str({ default: 'us-east-1', desc: 'region of the bucket' }),
  S3_ACCESS_KEY: str({ default: undefined, desc: 'key id for the bucket; where AWS has put it when not set' }),
  S3_SECRET_KEY: str({ default: undefined, desc: 'secret of that key' }),
  DATABASE_URL: str({ default: undefined, desc: 'owner login of a PostgreSQL 16 or newer; embedded when not set' }),
  DATABASE_APP_URL: str({
    default: undefined,
    desc: 'unprivileged login for requests; made at the first start when not set',
  }),
  DATABASE_REPLICA_URL: str({
    default: undefined,
    desc: 'streaming replica of DATABASE_URL, for reads of figures; optional',
  }),
  DATABASE_POOLER_URL: str({
    default: undefined,
    desc: 'PgBouncer in transaction mode before that database, without a login; docs/pgbouncer.md',
  }),
  TENANT_ROLES: str({
    choices: ['on', 'off'],
    default: 'on',
    desc: 'off: isolation without a database role per tenant',
  }),
  REDIS_URL: str({ default: undefined, desc: 'shared cache of several instances; optional' }),
  ENCRYPTION_KEY: encryptionKey({ default: undefined, desc: '32 bytes in base64; required with DATABASE_URL' }),
  OLD_ENCRYPTION_KEY: encryptionKey({
    default: undefined,
    desc: 'another key that secrets may be sealed with, while ENCRYPTION_KEY is changed',
  }),
  TENANT_HOMES: whole(1, 64)({ default: 4, desc: 'pools that tenant work is spread over' }),
  TENANT_CONNECTIONS: whole(1, 1000)({ default: 20, desc: 'connections for tenant work, over all homes' }),
  TENANT_HANDLES: whole(1, 1_000_000)({ default: 10_000, desc: 'tenant handles kept in memory' }),
  READY_POOL_SIZE: whole(0, 10_000)({ default: 5, desc: 'empty schemas kept ready for sign-ups' }),
  SIGN_UP_PROOF: str({
    choices: ['off', 'email'],
    default: 'off',
    desc: 'email: the address of the owner is proved before an organisation is made',
  }),
  UNVERIFIED_TENANT_DAYS: whole(
    0,
    3_650,
  )({ default: 7, desc: 'days after which an organisation goes whose owner never proved an address; 0 keeps it' }),
  SMTP_URL: str({ default: undefined, desc: 'server that takes mails: smtp://user:password@host:587, or smtps://' }),
  MAIL_FROM: str({ default: 'ProjectFlow <no-reply@localhost>', desc: 'sender of mails' }),
  MAIL_CATCH: bool({
    default: undefined,
    desc: 'keep mails to be read at /dev/mails; on with the embedded database when SMTP_URL is not set',
  }),
  WORKER: bool({ default: true, desc: 'run background work in this process' }),
  LOG_LEVEL: str({
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
    desc: 'least level that is logged',
  }),
  LOG_FORMAT: str({
    choices: ['auto', 'json', 'pretty'],
    default: 'auto',
    desc: 'auto: pretty in a terminal, else json',
  }),
  RATE_LIMIT_ENABLED: bool({
    default: true,
    desc: 'limits by address, person and attempt; those of plans always hold',
  }),
  RATE_LIMIT_ADDRESS: whole(1, 1_000_000)({ default: 1_200, desc: 'requests of one address a minute' }),
  RATE_LIMIT_USER: whole(1, 1_000_000)({ default: 300, desc: 'requests of one person a minute' }),
  RATE_LIMIT_SIGN_UPS_HOUR: whole(
    1,
    1_000_000,
  )({
    default: 10,
    desc: 'organisations that one network or address may sign up an hour',
  }),
  RATE_LIMIT_SIGN_UPS_DAY: whole(1, 1_000_000)({ default: 30, desc: 'the same in a day' }),
  RATE_LIMIT_UPLOADS: whole(1, 1_000_000)({ default: 10, desc: 'uploads of one person an hour' }),
  ACTOR_CACHE_SECONDS: whole(
    1,
    3_600,
  )({
    default: 300,
    desc: 'how long an instance keeps what a person may do while it hears of changes; without that it is a second',
  }),
  ANSWER_SECONDS: whole(
    1,
    3_600,
  )({
    default: 60,
    desc: 'time that clients have to read an answer, and a second more for each 16 KiB of it',
  }),
  ACCESS_TOKEN_SECONDS: whole(1, 86_400)({ default: 600, desc: 'life of an access token' }),
  START_PATIENCE_SECONDS: whole(
    0,
    3_600,
  )({ default: 60, desc: 'time to wait at the start for a database that does not answer' }),
  DRAIN_SECONDS: whole(
    0,
    300,
  )({ default: 5, desc: 'time at SIGTERM in which requests are served while /health/ready answers 503' }),
  SHUTDOWN_SECONDS: whole(1, 600)({ default: 10, desc: 'time for running requests at shutdown, after DRAIN_SECONDS' }),
};

export type Config = Readonly<Omit<CleanedEnvAccessors & Settings, keyof CleanedEnvAccessors>>;
type Settings = ReturnType<typeof cleanEnv<typeof settings>>;

/**
 * Reads the settings from the environment, over those in `.env`. The only reader of process.env.
 *
 * @throws OperatorError that names each wrong key and how to mend it
 */
export function loadConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  if (Number(process.versions.node.split('.')[0]) < 24) {
    throw new OperatorError(
      `Node 24 is needed and this is ${process.version}. The npm scripts bring their own: npm start, npm run cli -- ...`,
    );
  }
  const fromFile: Record<string, string> = {};
  if (environment === process.env) readDotEnv({ quiet: true, processEnv: fromFile });
  const env = cleanEnv({ ...fromFile, ...withoutEmpty(environment) }, settings, {
    reporter: ({ errors }) => {
      const wrong = Object.entries(errors).map(([key, error]) => `  ${key} ${error?.message ?? 'is not valid'}`);
      if (wrong.length > 0) {
        throw new OperatorError(`These settings are wrong (see .env.example):\n${wrong.join('\n')}`);
      }
    },
  });
  if (env.DATABASE_URL) {
    checkPostgresUrl('DATABASE_URL', env.DATABASE_URL);
    if (!env.ENCRYPTION_KEY) {
      throw new OperatorError(
        'DATABASE_URL is set, so ENCRYPTION_KEY is needed too: it protects signing keys and database logins in that database.\n' +
          'Make one with: openssl rand -base64 32 - and keep it, every instance needs the same.',
      );
    }
  }
  for (const key of ['DATABASE_APP_URL', 'DATABASE_REPLICA_URL'] as const)
    if (env[key]) checkPostgresUrl(key, env[key]);
  if (env.SMTP_URL && !/^smtps?:$/.test(URL.canParse(env.SMTP_URL) ? new URL(env.SMTP_URL).protocol : ''))
    throw new OperatorError('SMTP_URL must look like smtp://user:password@host:587, or smtps://host:465.');
  if ((env.S3_ACCESS_KEY === undefined) !== (env.S3_SECRET_KEY === undefined))
    throw new OperatorError('S3_ACCESS_KEY and S3_SECRET_KEY belong together: set both or none.');
  if (env.DATABASE_POOLER_URL) checkPooler(env.DATABASE_POOLER_URL, env);
  if (env.TENANT_HOMES > env.TENANT_CONNECTIONS) {
    throw new OperatorError(
      `TENANT_HOMES (${env.TENANT_HOMES}) is above TENANT_CONNECTIONS (${env.TENANT_CONNECTIONS}): every home needs a connection.`,
    );
  }
  return env;
}

/** Whether unexpected errors show where they happened: LOG_LEVEL=debug or trace, read even where the settings are wrong. */
export function showsStacks(): boolean {
  return ['debug', 'trace'].includes(process.env['LOG_LEVEL'] ?? '');
}

/** Whether mails are kept to be read on this machine instead of being sent. */
export function catchesMail({ SMTP_URL, MAIL_CATCH, DATABASE_URL }: Config): boolean {
  return SMTP_URL === undefined && (MAIL_CATCH ?? DATABASE_URL === undefined);
}

/** The environment for a program that is started by us, with changes. */
export function childEnvironment(changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...changes };
}

/** `KEY=` in a file or a compose definition means "not set". */
function withoutEmpty(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
}

function checkPooler(
  value: string,
  env: { DATABASE_URL?: string; DATABASE_APP_URL?: string; TENANT_ROLES: string },
): void {
  checkPostgresUrl('DATABASE_POOLER_URL', value);
  if (new URL(value).username !== '') {
    throw new OperatorError('DATABASE_POOLER_URL names a login. Leave it away: postgres://host:6432/database.');
  }
  if (!env.DATABASE_URL) {
    throw new OperatorError(
      'DATABASE_POOLER_URL needs DATABASE_URL too: locks, migrations and LISTEN go there directly.',
    );
  }
  if (env.TENANT_ROLES === 'off' && !env.DATABASE_APP_URL) {
    throw new OperatorError(
      'With TENANT_ROLES=off a pooler needs DATABASE_APP_URL: the limits of a connection are settings of that login, and the owner has none.',
    );
  }
}

function checkPostgresUrl(key: string, value: string): void {
  if (!URL.canParse(value) || !/^postgres(?:ql)?:$/.test(new URL(value).protocol)) {
    throw new OperatorError(`${key} must look like postgres://user:password@host:5432/database.`);
  }
}
