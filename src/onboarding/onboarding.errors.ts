import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class SignUpProofRequired extends AppError {
  constructor() {
    super(
      'refused',
      'sign_up_proof_required',
      'Prove the address of the owner first: POST /tenants/proofs mails a token, which is sent along as proof.',
    );
  }
}

/** One answer for a token that is unknown, over, used, or of another address. */
export class SignUpProofRefused extends InvalidInput {
  constructor() {
    super([
      {
        pointer: '/proof',
        code: 'sign_up_proof',
        message: 'This token is not valid any more, or not for this address.',
      },
    ]);
  }
}

export class SignUpClosed extends AppError {
  constructor() {
    super(
      'refused',
      'sign_up_closed',
      'Organisations cannot sign up by themselves here. Ask whoever operates this server.',
    );
  }
}
