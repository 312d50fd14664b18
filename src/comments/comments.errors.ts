import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class CommentMissing extends AppError {
  constructor() {
    super('missing', 'comment_not_found', 'There is no such comment.');
  }
}

export class NotYourComment extends AppError {
  constructor() {
    super(
      'refused',
      'not_your_comment',
      'A comment is changed by its author; those who may delete tasks may remove it.',
    );
  }
}

export class UnknownParentComment extends InvalidInput {
  constructor(reason: 'missing' | 'reply') {
    const message =
      reason === 'missing'
        ? 'There is no such comment on this task.'
        : 'This is a reply itself. Reply to the comment above it.';
    super([{ pointer: '/parentId', code: 'unknown_comment', message }]);
  }
}

export class NoEmoji extends InvalidInput {
  constructor() {
    super([{ pointer: ':emoji', code: 'emoji', message: 'A reaction is one emoji.' }]);
  }
}

export class TooManyReactions extends AppError {
  constructor(most: number) {
    super('conflict', 'too_many_reactions', `A comment has at most ${most} different reactions. Join one of them.`);
  }
}
