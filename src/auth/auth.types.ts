import type { Factor } from '../second-factors/second-factors.types.ts';
import type { UserRow } from '../users/users.types.ts';

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
