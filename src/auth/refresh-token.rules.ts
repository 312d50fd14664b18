import { createHash } from 'node:crypto';

const PREFIX = 'pfr';
const SECRET_BYTES = 32;
const TEXT = /^pfr_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;

/** `pfr_<tenant id>_<256 bits>`: it says its tenant, so that a refresh needs no header. */
export function formatRefreshToken(tenantId: string, secret: Buffer): string {
  if (secret.length !== SECRET_BYTES) throw new Error('a refresh token holds 32 bytes');
  return `${PREFIX}_${tenantId.replaceAll('-', '')}_${secret.toString('base64url')}`;
}

/** The tenant that a token speaks of; null for a text that is no refresh token. */
export function tenantOfRefreshToken(text: string): string | null {
  const [, hex] = TEXT.exec(text) ?? [];
  if (!hex) return null;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** What is stored: 256 random bits need no salt and no slow hash. */
export function hashRefreshToken(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
