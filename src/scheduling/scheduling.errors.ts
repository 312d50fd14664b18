import { AppError } from '../platform/errors/app-error.ts';

export class PlanTooLong extends AppError {
  constructor() {
    super(
      'conflict',
      'plan_too_long',
      'The plan would reach further than a hundred years. Look for huge estimates and lags, and for people whose working week is empty from some day on.',
    );
  }
}

export class PlanTooWide extends AppError {
  /** @param most days of all calendars together */
  constructor(most: number) {
    super(
      'conflict',
      'plan_too_wide',
      `The calendars of all people of the plan would have more than ${most} days together. Look for huge estimates and for dates that lie far away, or take the project apart.`,
    );
  }
}

export class TooManyToSchedule extends AppError {
  constructor(count: number, most: number) {
    super(
      'conflict',
      'too_many_tasks',
      `The project has ${count} open tasks, and at most ${most} are scheduled at once. Ask with dryRun=true, which takes more, or take the project apart.`,
    );
  }
}

export class PlanTooLarge extends AppError {
  constructor(count: number, most: number) {
    super(
      'conflict',
      'plan_too_large',
      `The project has ${count} tasks that are planned, and a plan is computed of ${most} at most. Take the project apart.`,
    );
  }
}

/** Not reachable through the API, which refuses cycles; a restored archive could hold one. */
export class NetworkCycle extends AppError {
  constructor(ids: readonly string[]) {
    super(
      'conflict',
      'schedule_cycle',
      `Tasks of the project wait for each other in a circle, ${ids.slice(0, 10).join(', ')} among them. Remove one of the dependencies.`,
    );
  }
}
