import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class ProjectMissing extends AppError {
  constructor() {
    super('missing', 'project_not_found', 'There is no such project.');
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
