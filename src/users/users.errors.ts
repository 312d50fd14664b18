import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class UserMissing extends AppError {
  constructor() {
    super('missing', 'user_not_found', 'There is no such user.');
  }
}

export class EmailTaken extends AppError {
  constructor() {
    super('conflict', 'email_taken', 'Somebody in this organisation has this e-mail address already.', {
      details: [
        { pointer: '/email', code: 'taken', message: 'Somebody in this organisation has this e-mail address already.' },
      ],
    });
  }
}

export class LastOwner extends AppError {
  constructor() {
    super('conflict', 'last_owner', 'An organisation keeps at least one active owner. Make somebody else owner first.');
  }
}

export class UserOutOfReach extends AppError {
  constructor(reason: string) {
    super('refused', 'user_out_of_reach', reason);
  }
}

export class OwnsProjects extends AppError {
  /** @param names of the projects, as far as the actor may see them */
  constructor(count: number, names: string[]) {
    super(
      'conflict',
      'owns_projects',
      `This person owns ${count} projects. Say in reassignTo who owns them from now on.`,
      {
        details: names.map((name) => ({ pointer: '?reassignTo', code: 'owns_project', message: name })),
      },
    );
  }
}

export class UnknownSuccessor extends InvalidInput {
  constructor() {
    super(
      [
        {
          pointer: '?reassignTo',
          code: 'unknown_user',
          message: 'There is no such other active user in this organisation.',
        },
      ],
      'invalid_query',
    );
  }
}
