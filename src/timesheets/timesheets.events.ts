import { DomainEvent } from '../platform/events/domain-event.ts';

/** What was worked in it can be neither added to nor changed from then on. */
export class WeekApproved extends DomainEvent {
  static override readonly eventName = 'timesheet.week_approved';
  constructor(
    readonly userId: string,
    /** Its Monday. */
    readonly week: string,
  ) {
    super();
  }
}

export class WeekReopened extends DomainEvent {
  static override readonly eventName = 'timesheet.week_reopened';
  constructor(
    readonly userId: string,
    /** Its Monday. */
    readonly week: string,
  ) {
    super();
  }
}
