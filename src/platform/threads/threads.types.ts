import type { AppErrorOptions, ErrorKind } from '../errors/app-error.ts';

/** What is sent to a thread: a function that a module exports, and its one parameter, which is copied. */
export interface Order {
  /** URL of the module. */
  module: string;
  name: string;
  input: unknown;
}

/** What comes back. Classes do not survive the way between threads, so that a refusal is sent as what it says. */
export type Outcome =
  | { value: unknown }
  | { refusal: { kind: ErrorKind; code: string; message: string } & Pick<AppErrorOptions, 'details' | 'retryAfter'> };
