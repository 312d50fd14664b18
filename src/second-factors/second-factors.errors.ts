import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class WrongCode extends InvalidInput {
  constructor() {
    super([{ pointer: '/code', code: 'wrong_code', message: 'This code is wrong, or it was used already.' }]);
  }
}

export class TotpExists extends AppError {
  constructor() {
    super(
      'conflict',
      'totp_exists',
      'An authenticator app is set up already. Remove it before you set up another one.',
    );
  }
}

export class NoEnrolment extends AppError {
  constructor() {
    super('missing', 'totp_not_found', 'No authenticator app is being set up.');
  }
}

export class NoSecondFactor extends AppError {
  constructor() {
    super('conflict', 'second_factor_not_found', 'Recovery codes stand in for a second factor. Set one up first.');
  }
}

export class PasskeyMissing extends AppError {
  constructor() {
    super('missing', 'passkey_not_found', 'There is no such passkey.');
  }
}

export class PasskeyRefused extends InvalidInput {
  constructor() {
    super([{ pointer: '/response', code: 'passkey_refused', message: 'This passkey could not be verified.' }]);
  }
}

export class TooManyPasskeys extends AppError {
  constructor(most: number) {
    super('conflict', 'too_many_passkeys', `Nobody needs more than ${most} passkeys. Remove one first.`);
  }
}
