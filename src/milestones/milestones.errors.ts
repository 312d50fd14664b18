import { AppError } from '../platform/errors/app-error.ts';

export class MilestoneMissing extends AppError {
  constructor() {
    super('missing', 'milestone_not_found', 'There is no such milestone.');
  }
}
