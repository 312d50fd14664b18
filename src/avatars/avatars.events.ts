import { DomainEvent } from '../platform/events/domain-event.ts';

/** By another one or by none: the former picture is nobody's any more. */
export class AvatarReplaced extends DomainEvent {
  static override readonly eventName = 'avatar.replaced';
  constructor(
    readonly userId: string,
    readonly formerAvatar: string,
  ) {
    super();
  }
}
