import { AppError } from '../errors/app-error.ts';

export class Unauthenticated extends AppError {
  constructor(message = 'Sign in first: the access token is missing, expired or not valid.') {
    super('unauthenticated', 'unauthenticated', message);
  }
}

export class PermissionDenied extends AppError {
  constructor(permission: string) {
    super('refused', 'permission_denied', `This needs the permission ${permission}.`);
  }
}
