import { AppError } from '../platform/errors/app-error.ts';

export class RefreshRefused extends AppError {
  constructor() {
    super('unauthenticated', 'invalid_refresh_token', 'The refresh token is not valid any more. Sign in again.');
  }
}

/** Only to somebody who has proved who they are; a password is answered as a wrong one. */
export class AccountInactive extends AppError {
  constructor() {
    super('unauthenticated', 'account_inactive', 'This account was deactivated. Ask an admin of your organisation.');
  }
}

export class SessionMissing extends AppError {
  constructor() {
    super('missing', 'session_not_found', 'There is no such session.');
  }
}
