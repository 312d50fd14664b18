import { DomainEvent } from '../platform/events/domain-event.ts';

abstract class TimeEntryEvent extends DomainEvent {
  constructor(
    readonly entryId: string,
    readonly taskId: string,
    readonly projectId: string,
    readonly userId: string,
  ) {
    super();
  }
}

export class TimerStarted extends TimeEntryEvent {
  static override readonly eventName = 'time_entry.timer_started';
}

/** An entry is finished: a timer was stopped, or somebody wrote down what was worked. */
export class TimeLogged extends TimeEntryEvent {
  static override readonly eventName = 'time_entry.logged';
}

export class TimeEntryChanged extends TimeEntryEvent {
  static override readonly eventName = 'time_entry.changed';
}

export class TimeEntryDeleted extends TimeEntryEvent {
  static override readonly eventName = 'time_entry.deleted';
}
