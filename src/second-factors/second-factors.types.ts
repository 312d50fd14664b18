import type { SealedColumn } from '../platform/crypto/sealed-column.ts';

/** A WebAuthn credential of a person. */
export interface Passkey {
  id: string;
  userId: string;
  /** As the authenticator named it, in base64url. */
  credentialId: string;
  /** COSE, in base64url. */
  publicKey: string;
  /** What the authenticator counted last; 0 for those that do not count. */
  counter: number;
  transports: string[];
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

export type Factor = 'totp' | 'passkey' | 'recovery_code';

/** Of whom a second factor is demanded: nobody, admins and owners, or everybody. */
export const SECOND_FACTOR_POLICIES = ['optional', 'admins', 'required'] as const;
export type SecondFactorPolicy = (typeof SECOND_FACTOR_POLICIES)[number];

/** What an organisation asks of those who sign in. */
export interface SecurityPolicy {
  secondFactor: SecondFactorPolicy;
}
/** Its key among the settings of the organisation. */
export const SECURITY_SETTING = 'security';

export const SEALED_TOTP = {
  table: 'credentials',
  id: 'user_id',
  column: 'secret',
  where: `type = 'totp'`,
  // Without the tenant: ids of people are nobody else's, and a copy of the organisation keeps them.
  place: (userId: string) => `credentials.totp.${userId}`,
} satisfies SealedColumn;
