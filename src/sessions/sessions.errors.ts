import { AppError } from '../platform/errors/app-error.ts';

export class RefreshRefused extends AppError {
  constructor() {
    super('unauthenticated', 'invalid_refresh_token', 'The refresh token is not valid any more. Sign in again.');
  }
}

export class SessionMissing extends AppError {
  constructor() {
    super('missing', 'session_not_found', 'There is no such session.');
  }
}
