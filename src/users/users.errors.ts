import { AppError } from '../platform/errors/app-error.ts';

export class UserMissing extends AppError {
  constructor() {
    super('missing', 'user_not_found', 'There is no such user.');
  }
}

export class EmailTaken extends AppError {
  constructor() {
    super('conflict', 'email_taken', 'Somebody in this organisation has this e-mail address already.', {
      details: [
        { pointer: '/email', code: 'taken', message: 'Somebody in this organisation has this e-mail address already.' },
      ],
    });
  }
}

export class LastOwner extends AppError {
  constructor() {
    super('conflict', 'last_owner', 'An organisation keeps at least one active owner. Make somebody else owner first.');
  }
}

export class UserOutOfReach extends AppError {
  constructor(reason: string) {
    super('refused', 'user_out_of_reach', reason);
  }
}
