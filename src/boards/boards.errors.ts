import { AppError } from '../platform/errors/app-error.ts';

export class StatusInUse extends AppError {
  constructor(statuses: { key: string; tasks: number }[]) {
    const list = statuses.map(({ key, tasks }) => `${key} (${tasks})`).join(', ');
    super(
      'conflict',
      'status_in_use',
      `Tasks are in statuses that the new workflow does not have: ${list}. Say in moveTasks where they go.`,
      {
        details: statuses.map(({ key, tasks }) => ({
          pointer: `/moveTasks/${key}`,
          code: 'status_in_use',
          message: `${tasks} tasks are in ${key}.`,
        })),
      },
    );
  }
}
