import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class TaskMissing extends AppError {
  constructor() {
    super('missing', 'task_not_found', 'There is no such task.');
  }
}

export class TaskDatesReversed extends InvalidInput {
  constructor() {
    super([{ pointer: '/dueDate', code: 'before_start', message: 'The due date is before the start date.' }]);
  }
}

export class NotAProjectMember extends InvalidInput {
  constructor(pointer: string) {
    super([
      {
        pointer,
        code: 'not_a_member',
        message: 'Only an active member of the project can be given its tasks. Add the person to the project first.',
      },
    ]);
  }
}

export class UnknownMilestone extends InvalidInput {
  constructor() {
    super([
      { pointer: '/milestoneId', code: 'unknown_milestone', message: 'There is no such milestone in this project.' },
    ]);
  }
}

export class UnknownNeighbour extends InvalidInput {
  constructor(pointer: string) {
    super([{ pointer, code: 'unknown_neighbour', message: 'There is no such other task in this project.' }]);
  }
}

export class PlaceMissing extends InvalidInput {
  constructor() {
    super([
      { pointer: '', code: 'place_missing', message: 'Say where it goes: afterId, beforeId, or null in one of them.' },
    ]);
  }
}

export class TooManyTags extends InvalidInput {
  constructor(most: number) {
    super([{ pointer: '/tags', code: 'too_many', message: `A task has at most ${most} tags.` }]);
  }
}

export class UnknownProject extends InvalidInput {
  constructor() {
    super([{ pointer: '/projectId', code: 'unknown_project', message: 'There is no such project.' }]);
  }
}

export class UnknownParent extends InvalidInput {
  constructor(reason: 'missing' | 'cycle') {
    const message =
      reason === 'missing' ? 'There is no such task in this project.' : 'A task cannot stand below itself.';
    super([{ pointer: '/parentId', code: reason === 'missing' ? 'unknown_parent' : 'parent_cycle', message }]);
  }
}
