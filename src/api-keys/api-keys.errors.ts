import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class ApiKeyMissing extends AppError {
  constructor() {
    super('missing', 'api_key_not_found', 'There is no such API key.');
  }
}

export class TooManyApiKeys extends AppError {
  constructor(most: number) {
    super('conflict', 'too_many_api_keys', `There can be at most ${most} API keys. Revoke one first.`);
  }
}

export class ExpiryRefused extends InvalidInput {
  constructor(message: string) {
    super([{ pointer: '/expiresAt', code: 'expiry', message }]);
  }
}
