import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class TimeEntryMissing extends AppError {
  constructor() {
    super('missing', 'time_entry_not_found', 'There is no such time entry.');
  }
}

export class NoTimerRuns extends AppError {
  constructor() {
    super('missing', 'timer_not_found', 'No timer of yours is running.');
  }
}

export class TimerRunning extends AppError {
  constructor(entryId: string) {
    super(
      'conflict',
      'timer_running',
      `Your timer runs already, as time entry ${entryId}. Stop it, or start this one with "stopRunning": true.`,
      { details: [{ pointer: '/stopRunning', code: 'running', message: entryId }] },
    );
  }
}

/** Of an entry whose end or length is to be changed while it runs. */
export class EntryStillRuns extends AppError {
  constructor() {
    super('conflict', 'timer_running', 'The timer of this entry runs still. Stop it, then correct when it ended.');
  }
}

export class TimerStopped extends AppError {
  constructor() {
    super('conflict', 'timer_stopped', 'The timer of this entry was stopped already. Correct the entry with PATCH.');
  }
}

export class InTheFuture extends InvalidInput {
  constructor(pointer: string) {
    super([{ pointer, code: 'in_future', message: 'Time can be logged once it has passed.' }]);
  }
}

export class EndedBeforeStart extends InvalidInput {
  constructor() {
    super([{ pointer: '/endedAt', code: 'before_start', message: 'The end must be after the start.' }]);
  }
}

export class TooLong extends InvalidInput {
  constructor(pointer: string) {
    super([{ pointer, code: 'too_long', message: 'One entry is at most 24 hours long. Make several.' }]);
  }
}

export class NoSpan extends InvalidInput {
  constructor() {
    const message = 'Say date and minutes (or hours), or startedAt and endedAt.';
    super([{ pointer: '/date', code: 'required', message }]);
  }
}

export class MixedSpan extends InvalidInput {
  constructor() {
    const message = 'Say either date with minutes or hours, or startedAt with endedAt.';
    super([{ pointer: '/date', code: 'exclusive', message }]);
  }
}

export class NotInProject extends InvalidInput {
  constructor() {
    const message = 'Time can be logged for people who are in the project. Add the person to the project first.';
    super([{ pointer: '/userId', code: 'not_a_member', message }]);
  }
}

export class TooManyTotals extends InvalidInput {
  constructor(most: number) {
    const message = `These are more than ${most} totals. Narrow them down by project, person or time.`;
    super([{ pointer: '?groupBy', code: 'too_many', message }], 'invalid_query');
  }
}
