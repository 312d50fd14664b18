import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

/** One answer for a wrong address, a wrong password, a disabled one and a deactivated account. */
export class WrongCredentials extends AppError {
  constructor() {
    super('unauthenticated', 'wrong_credentials', 'E-mail address or password is wrong.');
  }
}

/** The same for addresses that exist and those that do not. */
export class TooManyAttempts extends AppError {
  constructor(seconds: number) {
    super('limited', 'too_many_attempts', `Too many attempts failed. Try again in ${seconds} s.`, {
      retryAfter: seconds,
    });
  }
}

export class WeakPassword extends InvalidInput {
  constructor(code: string, message: string, pointer = '/password') {
    super([{ pointer, code, message }]);
  }
}

export class PasswordWrong extends InvalidInput {
  constructor(pointer: string) {
    super([{ pointer, code: 'wrong_password', message: 'This is not the current password.' }]);
  }
}

export class PasswordTooShort extends AppError {
  constructor() {
    super(
      'conflict',
      'password_too_short',
      'Your password is long enough only beside a second factor. Choose one of at least 15 characters first.',
    );
  }
}
