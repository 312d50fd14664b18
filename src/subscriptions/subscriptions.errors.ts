import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class PlanMissing extends AppError {
  constructor(key: string) {
    super('missing', 'plan_not_found', `There is no plan ${key}.`);
  }
}

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
