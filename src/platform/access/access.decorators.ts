import { SetMetadata } from '@nestjs/common';
import type { Permission } from './permissions.ts';

export const ACCESS = Symbol('access');

/**
 * What a route demands. Every route declares one of the four; a test lists them all in a snapshot, so that a change of
 * access shows in review, and the start fails when one declares nothing.
 */
export type RouteAccess =
  | { kind: 'requires'; permission: Permission }
  | { kind: 'signed-in' }
  | OperatorAccess
  /**
   * `false`: the route knows no tenant, and a tenant header is not even looked up. `optional`: the request carries a
   * credential that says its tenant; if it addresses one as well, the two must agree.
   */
  | { kind: 'public'; tenant: boolean | 'optional' };

export interface OperatorAccess {
  kind: 'operator';
  /** What is put on record, `<what>.<happened>`; null for a route that only reads. */
  action: string | null;
  /** Fields of the body that are put on record with it. Never one that holds a secret. */
  details: string[];
}

/** The actor must hold the permission on some record; the service then decides about the record at hand. */
export const Requires = (permission: Permission) =>
  SetMetadata(ACCESS, { kind: 'requires', permission } satisfies RouteAccess);

/** Anyone who is signed in to the tenant: routes about oneself. */
export const SignedIn = () => SetMetadata(ACCESS, { kind: 'signed-in' } satisfies RouteAccess);

/**
 * Whoever operates the installation, and nobody of a tenant: what is below /platform.
 *
 * @param action what is put on record before it is done; left away by what only reads
 * @param details fields of the body that tell the story
 */
export const ForOperators = (action: string | null = null, details: string[] = []) =>
  SetMetadata(ACCESS, { kind: 'operator', action, details } satisfies RouteAccess);

export const FRESH_SIGN_IN = Symbol('fresh sign-in');

/** Before what would lock the owner of an account out, or let somebody else in: the person has to prove again who they are. */
export const NeedsFreshSignIn = () => SetMetadata(FRESH_SIGN_IN, true);

export const DURING_ENROLMENT = Symbol('during enrolment');

/** Open also to somebody of whom a second factor is demanded that they do not have yet: it is where they set one up. */
export const DuringEnrolment = () => SetMetadata(DURING_ENROLMENT, true);

/** Anyone, signed in or not. */
export const Public = (options: { tenant: boolean | 'optional' } = { tenant: true }) =>
  SetMetadata(ACCESS, { kind: 'public', tenant: options.tenant } satisfies RouteAccess);
