import { DomainEvent } from '../platform/events/domain-event.ts';

/** Somebody was invited, or is to be reminded: a mail with a new link goes out, and links of earlier mails end. */
export class InvitationIssued extends DomainEvent {
  static override readonly eventName = 'invitation.issued';
  constructor(readonly invitationId: string) {
    super();
  }
}
