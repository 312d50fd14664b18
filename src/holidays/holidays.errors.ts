import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class HolidayMissing extends AppError {
  constructor() {
    super('missing', 'holiday_not_found', 'There is no such holiday.');
  }
}

export class HolidaysFull extends AppError {
  constructor(most: number) {
    super('conflict', 'holidays_full', `An organisation has at most ${most} holidays. Delete those that are past.`);
  }
}

export class CalendarUnreadable extends InvalidInput {
  constructor() {
    super([{ pointer: '/ical', code: 'ical', message: 'This is not a calendar file (RFC 5545).' }]);
  }
}

/** Reading it would take more than one request may. */
export class CalendarTooLarge extends InvalidInput {
  constructor(what: string) {
    const message = `The calendar file has too much in it: ${what}. Import it in parts.`;
    super([{ pointer: '/ical', code: 'ical_size', message }]);
  }
}
