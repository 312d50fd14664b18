import type { SealedColumn } from '../platform/crypto/sealed-column.ts';

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
  table: 'totp_secrets',
  id: 'user_id',
  column: 'secret',
  // Without the tenant: ids of people are nobody else's, and a copy of the organisation keeps them.
  place: (userId: string) => `totp_secrets.secret.${userId}`,
} satisfies SealedColumn;
