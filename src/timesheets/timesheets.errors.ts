import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class WeekIsApproved extends AppError {
  constructor(week: string) {
    super(
      'conflict',
      'week_approved',
      `The week from ${week} is approved. Have it reopened (DELETE /users/:id/timesheets/${week}/approval), then repeat the change.`,
    );
  }
}

export class WeekStillRuns extends AppError {
  constructor(entryId: string) {
    super(
      'conflict',
      'timer_running',
      `A timer that began in this week runs still: time entry ${entryId}. Stop it, then approve the week.`,
    );
  }
}

export class OwnWeek extends AppError {
  constructor() {
    super(
      'refused',
      'own_week',
      'Nobody but an owner approves or reopens their own week. Ask somebody else who may approve time.',
    );
  }
}

export class WeekToCome extends InvalidInput {
  constructor() {
    super([{ pointer: ':week', code: 'in_future', message: 'The week has not begun yet.' }]);
  }
}
