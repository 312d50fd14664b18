import { AppError } from '../platform/errors/app-error.ts';

export class InvitationMissing extends AppError {
  constructor() {
    super('missing', 'invitation_not_found', 'There is no such invitation.');
  }
}

export class InvitationExists extends AppError {
  constructor() {
    super(
      'conflict',
      'invitation_exists',
      'This address was invited already. Send that invitation again, or revoke it.',
      {
        details: [{ pointer: '/email', code: 'invited', message: 'This address was invited already.' }],
      },
    );
  }
}

export class InvitationOver extends AppError {
  constructor() {
    super('conflict', 'invitation_over', 'This invitation was accepted or revoked.');
  }
}
