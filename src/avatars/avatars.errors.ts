import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class AvatarMissing extends AppError {
  constructor() {
    super('missing', 'avatar_not_found', 'This person has no picture.');
  }
}

export class PictureRefused extends InvalidInput {
  constructor(code: 'picture_type' | 'picture_pixels' | 'picture_damaged', message: string) {
    super([{ pointer: '/file', code, message }], 'picture_refused');
  }
}

export class PicturesBusy extends AppError {
  constructor() {
    super('unavailable', 'pictures_busy', 'Too many pictures are being uploaded at this moment. Try again shortly.', {
      retryAfter: 5,
    });
  }
}
