import { addressKey } from '../platform/mail/canonical-address.ts';

/** What attempts to sign in are counted by: the same for each spelling, and where nobody has the address. */
export function accountKey(email: string): string {
  return `operator ${addressKey(email)}`;
}
