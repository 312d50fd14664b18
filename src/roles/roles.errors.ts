import { AppError, InvalidInput, type ErrorDetail } from '../platform/errors/app-error.ts';

export class UnknownRole extends InvalidInput {
  constructor(key: string, position: number) {
    super([{ pointer: `/roles/${position}`, code: 'unknown_role', message: `There is no role ${key}.` }]);
  }
}

export class RoleMissing extends AppError {
  constructor() {
    super('missing', 'role_not_found', 'There is no such role.');
  }
}

export class RoleKeyTaken extends AppError {
  constructor() {
    const message = 'This organisation has a role with this key already.';
    super('conflict', 'role_key_taken', message, { details: [{ pointer: '/key', code: 'taken', message }] });
  }
}

export class RoleBuiltIn extends AppError {
  constructor() {
    super('conflict', 'role_built_in', 'A built-in role is part of the product. Make a role of your own instead.');
  }
}

export class RoleInUse extends AppError {
  constructor() {
    super('conflict', 'role_in_use', 'Somebody has this role. Give them another one first.');
  }
}

export class TooManyRoles extends AppError {
  constructor(most: number) {
    super('conflict', 'too_many_roles', `An organisation has ${most} roles of its own at most. Delete one first.`);
  }
}

export class RoleOutOfReach extends AppError {
  constructor(reason: string) {
    super('refused', 'role_out_of_reach', reason);
  }
}

export class GrantsRefused extends InvalidInput {
  constructor(details: ErrorDetail[]) {
    super(details);
  }
}
