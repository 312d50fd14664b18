import { DomainEvent } from '../platform/events/domain-event.ts';

export class CommentAdded extends DomainEvent {
  static override readonly eventName = 'comment.added';
  constructor(
    readonly commentId: string,
    readonly taskId: string,
    readonly authorId: string,
  ) {
    super();
  }
}
