import { DomainEvent } from '../platform/events/domain-event.ts';

export class AttachmentAdded extends DomainEvent {
  static override readonly eventName = 'attachment.added';
  constructor(
    readonly attachmentId: string,
    readonly taskId: string,
    readonly uploadedBy: string,
  ) {
    super();
  }
}

/** Its row says so already; its file goes when this is heard. */
export class AttachmentRemoved extends DomainEvent {
  static override readonly eventName = 'attachment.removed';
  constructor(
    readonly attachmentId: string,
    readonly taskId: string,
  ) {
    super();
  }
}
