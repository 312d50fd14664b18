import type { Factor } from '../second-factors/second-factors.service.ts';
import type { UserRow } from '../users/users.types.ts';

/** How somebody proved who they are. */
export type SignInMethod = 'password' | 'passkey' | 'sign-in provider' | 'invitation' | 'sign-up';

export interface SignedIn {
  user: UserRow;
  accessToken: string;
  refreshToken: string;
  /** Seconds. */
  expiresIn: number;
}

/** The password was right, and something else has to be shown. */
export interface SecondStep {
  mfaToken: string;
  factors: Factor[];
}
