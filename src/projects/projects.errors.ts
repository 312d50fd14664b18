import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class ProjectMissing extends AppError {
  constructor() {
    super('missing', 'project_not_found', 'There is no such project.');
  }
}

export class ProjectArchived extends AppError {
  constructor() {
    super(
      'conflict',
      'project_archived',
      'The project is archived: it and what is in it can be read and not changed. Take it out of the archive first.',
    );
  }
}

export class ProjectStatusRefused extends AppError {
  constructor(from: string, to: string, next: readonly string[]) {
    super(
      'conflict',
      'project_status_refused',
      `A project does not go from ${from} to ${to}, but to ${next.join(', ')}.`,
    );
  }
}

export class ProjectDatesReversed extends InvalidInput {
  constructor() {
    super([{ pointer: '/endDate', code: 'before_start', message: 'The end date is before the start date.' }]);
  }
}

export class UnknownPerson extends InvalidInput {
  constructor(pointer: string) {
    super([{ pointer, code: 'unknown_user', message: 'There is no such active user in this organisation.' }]);
  }
}

export class AlreadyMember extends AppError {
  constructor() {
    super('conflict', 'already_member', 'This person is a member of the project already.');
  }
}

export class MemberMissing extends AppError {
  constructor() {
    super('missing', 'member_not_found', 'This person is not a member of the project.');
  }
}

export class ProjectTeamMissing extends AppError {
  constructor() {
    super('missing', 'project_team_not_found', 'The project was not given to this team.');
  }
}

export class OwnerStaysInCharge extends AppError {
  constructor() {
    super('conflict', 'owner_stays_manager', 'The owner manages the project. Give it to another owner first.');
  }
}
