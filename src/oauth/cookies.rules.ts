const COOKIE = 'pf_sign_in';

/**
 * A cookie for each attempt, so that two tabs do not take it from one another. `__Host-` keeps other hosts of the domain
 * from setting it, and works over https alone.
 */
export function cookieName(stateHash: Buffer, secure: boolean): string {
  return `${secure ? '__Host-' : ''}${COOKIE}_${stateHash.toString('hex').slice(0, 16)}`;
}

export function cookieValue(header: string | undefined, name: string): string | null {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([each]) => each === name)?.[1] ?? null;
}

/** @param value null to take it away */
export function cookieText(
  name: string,
  value: string | null,
  { secure, seconds }: { secure: boolean; seconds: number },
): string {
  const life = value === null ? 0 : seconds;
  return `${name}=${value ?? ''}; Path=/; Max-Age=${life}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
