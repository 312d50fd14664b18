import { AppError } from '../platform/errors/app-error.ts';

export class NoEmailChange extends AppError {
  constructor() {
    super('missing', 'email_change_not_found', 'No change of the address is under way.');
  }
}
