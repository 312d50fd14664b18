import { DomainEvent } from '../platform/events/domain-event.ts';

export class UserCreated extends DomainEvent {
  static override readonly eventName = 'user.created';
  constructor(readonly userId: string) {
    super();
  }
}

/** The person can no longer sign in; sessions end, and open work is nobody's. */
export class UserDeactivated extends DomainEvent {
  static override readonly eventName = 'user.deactivated';
  /** Heard late or twice, it is about what was there by then: the person may be back. */
  readonly at = new Date().toISOString();
  constructor(readonly userId: string) {
    super();
  }
}

/** For good. Whatever was theirs goes to the other person, or to nobody; what they have written stays. */
export class UserDeleted extends DomainEvent {
  static override readonly eventName = 'user.deleted';
  constructor(
    readonly userId: string,
    readonly reassignTo: string | null,
    /** Null for none of the people, and in events of releases that did not say. */
    readonly deletedBy: string | null = null,
  ) {
    super();
  }
}
