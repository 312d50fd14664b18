import { AppError } from '../platform/errors/app-error.ts';

/** One answer for a wrong address, a wrong password and a deactivated account. */
export class WrongCredentials extends AppError {
  constructor() {
    super('unauthenticated', 'wrong_credentials', 'E-mail address or password is wrong.');
  }
}

export class RefreshRefused extends AppError {
  constructor() {
    super('unauthenticated', 'invalid_refresh_token', 'The refresh token is not valid any more. Sign in again.');
  }
}
