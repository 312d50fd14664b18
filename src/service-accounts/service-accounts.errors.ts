import { AppError } from '../platform/errors/app-error.ts';

export class ServiceAccountMissing extends AppError {
  constructor() {
    super('missing', 'service_account_not_found', 'There is no such service account.');
  }
}
