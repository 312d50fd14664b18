import { AppError } from '../errors/app-error.ts';

export class ComputationTooLong extends AppError {
  constructor(seconds: number) {
    super(
      'unavailable',
      'computation_too_long',
      `This takes more than ${seconds} s to compute. Ask for less at once, such as a smaller project, or try again later.`,
      { retryAfter: 30 },
    );
  }
}

export class ThreadsBusy extends AppError {
  constructor() {
    super('unavailable', 'threads_busy', 'Too many requests of this kind are being computed. Try again in a moment.', {
      retryAfter: 2,
    });
  }
}
