import type { SealedColumn } from '../platform/crypto/sealed-column.ts';

/** Where the second factor's secret belongs, before and after the first code has confirmed it. */
const place = (operatorId: string): string => `public.operators.totp_secret.${operatorId}`;

export const SEALED_OPERATOR_TOTP = {
  table: 'public.operators',
  id: 'id',
  column: 'totp_secret',
  place,
} satisfies SealedColumn;

export const SEALED_PENDING_OPERATOR_TOTP = {
  ...SEALED_OPERATOR_TOTP,
  column: 'pending_totp_secret',
} satisfies SealedColumn;
