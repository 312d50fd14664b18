import type { SealedColumn } from '../platform/crypto/sealed-column.ts';

export const SIGNING_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;

export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** All three are published. `next` does not sign yet, `previous` no longer does; tokens of both are accepted. */
export type KeyState = 'next' | 'current' | 'previous';

export interface KeySummary {
  kid: string;
  algorithm: SigningAlgorithm;
  state: KeyState;
  since: Date;
}

/** Seconds. What is signed besides access tokens, which have a setting for it, lives no longer. */
export const LONGEST_OTHER_TOKEN_SECONDS = 3_600;

export const SEALED_SIGNING_KEY = {
  table: 'public.signing_keys',
  id: 'kid',
  column: 'private_key',
  place: (kid: string) => `public.signing_keys.private_key.${kid}`,
} satisfies SealedColumn;
