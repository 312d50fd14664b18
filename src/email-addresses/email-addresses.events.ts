import { DomainEvent } from '../platform/events/domain-event.ts';

/** Mails go to both addresses, each with a link of its own. */
export class EmailChangeRequested extends DomainEvent {
  static override readonly eventName = 'email.change-requested';
  constructor(readonly userId: string) {
    super();
  }
}

/** A mail goes to the address, with a link that shows that it arrived. */
export class EmailVerificationRequested extends DomainEvent {
  static override readonly eventName = 'email.verification-requested';
  constructor(readonly userId: string) {
    super();
  }
}
