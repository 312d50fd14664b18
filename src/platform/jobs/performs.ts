import { SetMetadata } from '@nestjs/common';
import type { Job, JobHandler } from './job.ts';

export const PERFORMS = Symbol('performs');

/**
 * The method performs this job, at least once for each that was sent, in any process that does background work: it must
 * do no harm when called again. What it returns is the job's result; what it throws ends the attempt.
 */
export const Performs =
  <Payload extends object, Result>(job: Job<Payload, Result>) =>
  <Handler extends JobHandler<Payload, Result>>(
    target: object,
    key: string,
    descriptor: TypedPropertyDescriptor<Handler>,
  ): void => {
    SetMetadata(PERFORMS, job)(target, key, descriptor);
  };
