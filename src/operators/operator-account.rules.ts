/** What attempts to sign in are counted by. */
export function accountKey(email: string): string {
  return `operator ${email.toLowerCase()}`;
}
