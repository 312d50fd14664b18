import { AppError, InvalidInput } from '../platform/errors/app-error.ts';

export class SignInProviderMissing extends AppError {
  constructor() {
    super('missing', 'sign_in_provider_not_found', 'There is no such sign-in provider.');
  }
}

export class SignInProviderTaken extends AppError {
  constructor(key: string) {
    super('conflict', 'sign_in_provider_taken', `There is a sign-in provider ${key} already.`, {
      details: [{ pointer: '/key', code: 'taken', message: `There is a sign-in provider ${key} already.` }],
    });
  }
}

export class TooManySignInProviders extends AppError {
  constructor(most: number) {
    super('conflict', 'too_many_sign_in_providers', `An organisation has at most ${most} sign-in providers.`);
  }
}

export class IssuerRefused extends InvalidInput {
  constructor(message: string) {
    super([{ pointer: '/issuer', code: 'address_refused', message }]);
  }
}

export class NewcomerRoleRefused extends AppError {
  constructor(reason: string) {
    super('refused', 'newcomer_role_refused', reason);
  }
}

/** Told after the password was right: whoever does not know it must not learn how the organisation signs in whom. */
export class PasswordSignInRefused extends AppError {
  constructor(names: string[]) {
    super('refused', 'password_sign_in_refused', `Your organisation signs in with ${names.join(' or ')}.`);
  }
}

export class OwnersOnly extends AppError {
  constructor() {
    super('refused', 'owners_only', 'Only an owner may say who vouches for the people of the organisation.');
  }
}
