import { AppError } from '../platform/errors/app-error.ts';

export class RotationTooSoon extends AppError {
  constructor(possibleAt: Date) {
    super(
      'conflict',
      'rotation_too_soon',
      `Tokens of the previous key may be alive until ${possibleAt.toISOString()}. Rotate then, or with --force: whoever has one of them has to sign in again.`,
    );
  }
}
