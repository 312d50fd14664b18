import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class LimitRefused extends AppError {
  constructor(name: string) {
    super(
      'invalid',
      'limit_refused',
      `${name} is no limit: users, projects, storageBytes or requestsPerMinute, with a whole number or none.`,
    );
  }
}

export class PeriodRefused extends InvalidInput {
  constructor(name: string, message: string) {
    super([{ pointer: `?${name}`, code: 'period', message }], 'invalid_query');
  }
}
