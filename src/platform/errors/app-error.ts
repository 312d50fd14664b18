/**
 * What went wrong, in the product's terms. One filter maps the kind to an HTTP status, so that no
 * service ever speaks HTTP (see platform/http/problem.filter.ts).
 */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'refused'
  | 'missing'
  | 'conflict'
  | 'stale'
  | 'mismatched'
  | 'oversized'
  | 'unsupported'
  | 'unsatisfiable'
  | 'limited'
  | 'unavailable'
  | 'internal';

/** One field that is wrong: `pointer` is an RFC 6901 JSON pointer into the body, or `?name` for a query parameter. */
export interface ErrorDetail {
  pointer: string;
  code: string;
  message: string;
}

export interface AppErrorOptions {
  details?: ErrorDetail[];
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  retryAfter?: number;
  cause?: unknown;
}

/**
 * The base of every error that a caller may see. `code` is stable and documented; `message` is written for the
 * person who made the request and never holds SQL, a stack or an internal name.
 */
export class AppError extends Error {
  readonly details: ErrorDetail[];
  readonly retryAfter?: number;

  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    options: AppErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.details = options.details ?? [];
    this.retryAfter = options.retryAfter;
  }

  /** A missing row is daily business, a full pool is not: the level lives with the error. */
  get logLevel(): 'debug' | 'warn' | 'error' {
    if (this.kind === 'internal') return 'error';
    return this.kind === 'unavailable' ? 'warn' : 'debug';
  }
}

/** So many details are told of one request; whoever mends these learns of the rest. */
export const MOST_PROBLEMS = 20;

export class InvalidInput extends AppError {
  constructor(details: ErrorDetail[], code = 'validation_failed') {
    super('invalid', code, details[0]?.message ?? 'The request is not valid.', { details });
  }
}

class StaleVersion extends AppError {
  constructor() {
    super(
      'stale',
      'version_mismatch',
      'The resource was changed since you read it. Read it again and repeat the change.',
    );
  }
}

/**
 * To be asked behind the permission: whoever may not change a record learns nothing of its version.
 *
 * @param expected the version that the change is based on; undefined when whoever changes it does not insist on one
 * @throws StaleVersion
 */
export function demandVersion(record: { version: number }, expected: number | undefined): void {
  if (expected !== undefined && expected !== record.version) throw new StaleVersion();
}

/**
 * An operator's mistake: printed as it is, without a stack, and ends the process with exit code 1.
 *
 * @param code for programs, in the JSON document of a command
 */
export class OperatorError extends Error {
  constructor(
    message: string,
    readonly code = 'failed',
  ) {
    super(message);
    this.name = 'OperatorError';
  }
}
