import { AppError } from '../platform/errors/app-error.ts';

export class CommentMissing extends AppError {
  constructor() {
    super('missing', 'comment_not_found', 'There is no such comment.');
  }
}
