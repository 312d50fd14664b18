export type Factor = 'totp' | 'passkey' | 'recovery_code';

/** Of whom a second factor is demanded: nobody, admins and owners, or everybody. */
export const SECOND_FACTOR_POLICIES = ['optional', 'admins', 'required'] as const;
export type SecondFactorPolicy = (typeof SECOND_FACTOR_POLICIES)[number];
