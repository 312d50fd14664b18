import { AppError } from '../platform/errors/app-error.ts';

/** Only to somebody who has proved who they are; a password is answered as a wrong one. */
export class AccountInactive extends AppError {
  constructor() {
    super('unauthenticated', 'account_inactive', 'This account was deactivated. Ask an admin of your organisation.');
  }
}
