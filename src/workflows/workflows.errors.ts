import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class UnknownStatus extends InvalidInput {
  constructor(known: string[]) {
    super([
      {
        pointer: '/status',
        code: 'unknown_status',
        message: `The project's workflow has no such status; it has ${known.join(', ')}.`,
      },
    ]);
  }
}

export class TransitionRefused extends AppError {
  constructor(from: string, to: string, reachable: string[]) {
    const way =
      reachable.length > 0 ? `From there a task goes to ${reachable.join(', ')}.` : 'It goes nowhere from there.';
    super('conflict', 'transition_refused', `The project's workflow does not lead from ${from} to ${to}. ${way}`);
  }
}

export class WipLimitReached extends AppError {
  constructor(status: string, limit: number, tasks: number) {
    super(
      'conflict',
      'wip_limit_reached',
      `There are ${tasks} tasks in ${status} already, and the project's workflow allows ${limit}. Finish one first.`,
    );
  }
}
