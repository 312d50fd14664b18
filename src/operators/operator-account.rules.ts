/** What attempts to sign in are counted by. */
export function accountKey(email: string): string {
  return `operator ${email.toLowerCase()}`;
}

/** Where the second factor's secret belongs; sealed for there, it opens nowhere else. */
export function secretPlace(operatorId: string): string {
  return `public.operators.totp_secret.${operatorId}`;
}
