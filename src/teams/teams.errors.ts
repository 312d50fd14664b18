import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class TeamMissing extends AppError {
  constructor() {
    super('missing', 'team_not_found', 'There is no such team.');
  }
}

export class TeamNameTaken extends AppError {
  constructor() {
    const message = 'This organisation has a team of this name already.';
    super('conflict', 'team_name_taken', message, { details: [{ pointer: '/name', code: 'taken', message }] });
  }
}

export class AlreadyInTeam extends AppError {
  constructor() {
    super('conflict', 'already_in_team', 'This person is in the team already.');
  }
}

export class TeamMemberMissing extends AppError {
  constructor() {
    super('missing', 'team_member_not_found', 'This person is not in the team.');
  }
}

export class UnknownTeamMate extends InvalidInput {
  constructor() {
    super([
      { pointer: '/userId', code: 'unknown_user', message: 'There is no such active user in this organisation.' },
    ]);
  }
}
