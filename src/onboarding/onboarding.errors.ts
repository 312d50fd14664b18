import { AppError } from '../platform/errors/app-error.ts';

export class SignUpClosed extends AppError {
  constructor() {
    super(
      'refused',
      'sign_up_closed',
      'Organisations cannot sign up by themselves here. Ask whoever operates this server.',
    );
  }
}
