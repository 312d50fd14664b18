import { AppError } from '../errors/app-error.ts';

export class JobMissing extends AppError {
  constructor() {
    super('missing', 'job_not_found', 'There is no such job.');
  }
}

export class JobNotDead extends AppError {
  constructor() {
    super('conflict', 'job_not_dead', 'Only a job that was given up, and was not ordered again since, can be retried.');
  }
}
