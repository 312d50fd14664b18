import { AppError } from '../errors/app-error.ts';

export class Unauthenticated extends AppError {
  constructor(message = 'Sign in first: the access token is missing, expired or not valid.') {
    super('unauthenticated', 'unauthenticated', message);
  }
}

/** A key must not make what outlives it: keys, passwords, factors. */
export class KeyRefused extends AppError {
  constructor() {
    super('refused', 'key_refused', 'An API key cannot do this. Sign in as a person.');
  }
}

export class PermissionDenied extends AppError {
  constructor(permission: string) {
    super('refused', 'permission_denied', `This needs the permission ${permission}.`);
  }
}

export class FreshSignInRequired extends AppError {
  constructor() {
    super(
      'refused',
      'fresh_sign_in_required',
      'Prove again who you are (POST /auth/reauthenticate, or sign in), and repeat this within five minutes.',
    );
  }
}

export class SecondFactorRequired extends AppError {
  constructor() {
    super('refused', 'second_factor_required', 'Your organisation demands a second factor. Set one up first.');
  }
}
