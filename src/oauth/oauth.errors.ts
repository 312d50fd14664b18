import { AppError, InvalidInput } from '../platform/errors/app-error.ts';
import type { SignInRefusal } from './oauth.types.ts';

/** Nobody was sent to the provider with this state, from this browser, within ten minutes; or they are back already. */
export class SignInAttemptRefused extends AppError {
  constructor() {
    super(
      'invalid',
      'sign_in_attempt_refused',
      'This sign-in was not begun in this browser, or took too long, or is done already. Begin again.',
    );
  }
}

export class SignInCodeRefused extends AppError {
  constructor() {
    super('unauthenticated', 'invalid_sign_in_code', 'The sign-in code is not valid any more. Begin again.');
  }
}

export class ReturnRefused extends InvalidInput {
  constructor() {
    super(
      [{ pointer: '?returnTo', code: 'return_to', message: 'returnTo must belong to an application that may call.' }],
      'invalid_query',
    );
  }
}

export class ReturnTooLong extends InvalidInput {
  constructor(most: number) {
    super(
      [{ pointer: '?returnTo', code: 'length', message: `returnTo may have at most ${most} characters.` }],
      'invalid_query',
    );
  }
}

export class HostRefused extends InvalidInput {
  constructor() {
    super([{ pointer: 'Host', code: 'host', message: 'Host must be the name under which this server is reached.' }]);
  }
}

/** Ends a sign-in with a code that the browser takes back to the application. `cause` is for the log. */
export class SignInRefused extends Error {
  constructor(
    readonly refusal: SignInRefusal,
    cause?: unknown,
    /** What the provider said that their address is. */
    readonly email: string | null = null,
  ) {
    super(refusal, { cause });
    this.name = 'SignInRefused';
  }
}
