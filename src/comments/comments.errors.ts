import { AppError } from '../platform/errors/app-error.ts';

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
