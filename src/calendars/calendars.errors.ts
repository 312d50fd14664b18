import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class CalendarFull extends AppError {
  constructor(most: number) {
    super('conflict', 'calendar_full', `A calendar has at most ${most} weeks. Replace one by using its day again.`);
  }
}

export class TimeOffFull extends AppError {
  constructor(most: number) {
    super(
      'conflict',
      'time_off_full',
      `A person has at most ${most} entries of time off. Remove old ones, or join those that follow each other.`,
    );
  }
}

export class TimeOffMissing extends AppError {
  constructor() {
    super('missing', 'time_off_not_found', 'There is no such time off.');
  }
}

export class TimeOffReversed extends InvalidInput {
  constructor() {
    super([{ pointer: '/to', code: 'before_start', message: 'The last day is before the first one.' }]);
  }
}
