import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

/** One answer for whatever is wrong: the address, the password, the code, an account that is disabled or not enrolled. */
export class OperatorSignInRefused extends AppError {
  constructor() {
    super(
      'unauthenticated',
      'operator_sign_in_refused',
      'E-mail address, password or code is wrong. A code is good for one sign-in.',
    );
  }
}

/** The same for addresses that exist and those that do not. */
export class TooManyOperatorAttempts extends AppError {
  constructor(seconds: number) {
    super('limited', 'too_many_attempts', `Too many attempts failed. Try again in ${seconds} s.`, {
      retryAfter: seconds,
    });
  }
}

export class EnrolmentRefused extends AppError {
  constructor() {
    super(
      'unauthenticated',
      'enrolment_refused',
      'The enrolment token is not valid any more. Ask for a new one: projectflow operator reset <email>',
    );
  }
}

export class EnrolmentCodeWrong extends InvalidInput {
  constructor() {
    super([
      { pointer: '/code', code: 'enrolment_code', message: 'This is not the code that the authenticator shows now.' },
    ]);
  }
}

export class OperatorPasswordShort extends InvalidInput {
  constructor(shortest: number) {
    super([
      {
        pointer: '/password',
        code: 'too_short',
        message: `An operator's password has at least ${shortest} characters.`,
      },
    ]);
  }
}

export class OperatorTaken extends AppError {
  constructor(email: string) {
    super('conflict', 'operator_taken', `There is an operator ${email} already.`);
  }
}

export class OperatorMissing extends AppError {
  constructor(email: string) {
    super('missing', 'operator_not_found', `There is no operator ${email}. projectflow operator list shows them all.`);
  }
}
