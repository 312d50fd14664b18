import type { Job } from '../../src/platform/jobs/job.ts';

/** As `defineJob` makes it; written out, because one of its users runs without the compiler. */
export const hold: Job<object, void> = {
  name: 'hold',
  attempts: 2,
  pauseSeconds: 1,
  timeoutSeconds: 300,
  concurrency: 1,
};
