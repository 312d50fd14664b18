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

export class CommentEdited extends DomainEvent {
  static override readonly eventName = 'comment.edited';
  constructor(
    readonly commentId: string,
    readonly taskId: string,
  ) {
    super();
  }
}

export class CommentDeleted extends DomainEvent {
  static override readonly eventName = 'comment.deleted';
  constructor(
    readonly commentId: string,
    readonly taskId: string,
  ) {
    super();
  }
}

/** For the first time by this comment. */
export class UserMentioned extends DomainEvent {
  static override readonly eventName = 'user.mentioned';
  constructor(
    readonly userId: string,
    readonly commentId: string,
    readonly taskId: string,
    readonly mentionedBy: string | null,
  ) {
    super();
  }
}

export class ReactionAdded extends DomainEvent {
  static override readonly eventName = 'reaction.added';
  constructor(
    readonly commentId: string,
    readonly taskId: string,
    readonly userId: string,
    readonly emoji: string,
  ) {
    super();
  }
}

export class ReactionRemoved extends DomainEvent {
  static override readonly eventName = 'reaction.removed';
  constructor(
    readonly commentId: string,
    readonly taskId: string,
    readonly userId: string,
    readonly emoji: string,
  ) {
    super();
  }
}
