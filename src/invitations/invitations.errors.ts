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

export class AddressNotVerified extends AppError {
  constructor() {
    super(
      'refused',
      'address_not_verified',
      'Only a verified address may invite others. POST /users/me/email/verification sends the mail that verifies yours.',
    );
  }
}

export class InvitationOver extends AppError {
  constructor() {
    super('conflict', 'invitation_over', 'This invitation was accepted or revoked.');
  }
}
