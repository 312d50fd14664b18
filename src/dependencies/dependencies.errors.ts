import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class DependencyMissing extends AppError {
  constructor() {
    super('missing', 'dependency_not_found', 'The task has no such dependency.');
  }
}

export class DependencyExists extends AppError {
  constructor() {
    super('conflict', 'dependency_exists', 'The task depends on that one already. Change that dependency instead.');
  }
}

/** A task on the way; the title is null where the actor may not know of it. */
export interface Step {
  id: string;
  title: string | null;
}

const MOST_IN_SENTENCE = 12;
const MOST_DETAILS = 100;

export class TaskDependencyCycle extends AppError {
  /** @param path each one waits for the next, and the last is the first */
  constructor(path: readonly Step[]) {
    const names = path.map(({ id, title }) => (title === null ? 'a task that you may not see' : `"${title}" (${id})`));
    const left = names.length - MOST_IN_SENTENCE;
    const told = left > 1 ? [...names.slice(0, MOST_IN_SENTENCE - 1), `${left} more`, ...names.slice(-1)] : names;
    super('conflict', 'dependency_cycle', `The task would wait for itself: ${told.join(' waits for ')}.`, {
      details: names.slice(1, MOST_DETAILS + 1).map((name, i) => ({
        pointer: '/dependsOnTaskId',
        code: 'dependency_cycle',
        message: `${names[i]} waits for ${name}.`,
      })),
    });
  }
}

export class UnknownPredecessor extends InvalidInput {
  constructor() {
    super([{ pointer: '/dependsOnTaskId', code: 'unknown_task', message: 'There is no such task.' }]);
  }
}

export class PredecessorElsewhere extends InvalidInput {
  constructor() {
    super([
      {
        pointer: '/dependsOnTaskId',
        code: 'other_project',
        message: 'A task depends on tasks of its own project. Use a milestone in each of the two projects.',
      },
    ]);
  }
}

export class LagTwice extends InvalidInput {
  constructor() {
    super([{ pointer: '/lagDays', code: 'exclusive', message: 'Give lagHours or lagDays, not both.' }]);
  }
}
