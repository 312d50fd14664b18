import { createHash, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 32;
const TEXT = /^(pfs|pfc)_([0-9a-f]{32})_[A-Za-z0-9_-]{43}$/;
const COOKIE = 'pf_sign_in';

/** State of an attempt, or code at its end. */
export type TicketKind = 'pfs' | 'pfc';

/** `<kind>_<tenant id>_<256 bits>`: it says its tenant, because a browser that comes back brings no header. */
export function formatTicket(kind: TicketKind, tenantId: string, secret: Buffer): string {
  if (secret.length !== SECRET_BYTES) throw new Error('a ticket holds 32 bytes');
  return `${kind}_${tenantId.replaceAll('-', '')}_${secret.toString('base64url')}`;
}

/** The tenant that a ticket speaks of; null for a text that is none of this kind. */
export function tenantOfTicket(kind: TicketKind, text: string): string | null {
  const [, found, hex] = TEXT.exec(text) ?? [];
  if (found !== kind || !hex) return null;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function hashTicket(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

export function isHashOf(hash: Buffer, text: string): boolean {
  return timingSafeEqual(hash, hashTicket(text));
}

/** S256 of RFC 7636. */
export function challengeOf(verifier: string): string {
  return hashTicket(verifier).toString('base64url');
}

/**
 * A cookie for each attempt, so that two tabs do not take it from one another. `__Host-` keeps other hosts of the domain
 * from setting it, and works over https alone.
 */
export function cookieName(state: string, secure: boolean): string {
  return `${secure ? '__Host-' : ''}${COOKIE}_${hashTicket(state).toString('hex').slice(0, 16)}`;
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
