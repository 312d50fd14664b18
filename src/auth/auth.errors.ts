import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

/** Only to somebody who has proved who they are; a password is answered as a wrong one. */
export class AccountInactive extends AppError {
  constructor() {
    super('unauthenticated', 'account_inactive', 'This account was deactivated. Ask an admin of your organisation.');
  }
}

export class PasskeyRequired extends AppError {
  constructor() {
    super(
      'refused',
      'passkey_required',
      'A password does not stand in for your passkey: sign in again with it instead.',
    );
  }
}

export class CodeRequired extends InvalidInput {
  constructor() {
    super([
      { pointer: '/code', code: 'required', message: 'Send the code that your authenticator app shows as well.' },
    ]);
  }
}
