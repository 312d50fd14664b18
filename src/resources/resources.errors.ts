import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class ResourceMissing extends AppError {
  constructor() {
    super('missing', 'resource_not_found', 'There is no such resource assignment in this project.');
  }
}

export class TooMuchPlanned extends AppError {
  /** @param most weeks of all assignments together */
  constructor(most: number) {
    super(
      'conflict',
      'too_much_planned',
      `The people have more than ${most} weeks of assignments in these days. Ask for fewer days or people at once, or remove assignments.`,
    );
  }
}

export class NotInTheProject extends InvalidInput {
  constructor() {
    const message = 'Only an active member of the project can be planned for it. Add the person to the project first.';
    super([{ pointer: '/userId', code: 'not_a_member', message }]);
  }
}

export class OneMeasure extends InvalidInput {
  constructor() {
    const message = 'Say either hoursPerWeek or percent, more than 0.';
    super([{ pointer: '/hoursPerWeek', code: 'exclusive', message }]);
  }
}

export class AssignmentReversed extends InvalidInput {
  constructor() {
    super([{ pointer: '/to', code: 'before_start', message: 'The last day is before the first one.' }]);
  }
}
