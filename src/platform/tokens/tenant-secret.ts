import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
const SHAPE = /^([a-z]{3})_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;

/** `<prefix>_<tenant id>_<256 bits>`: a secret that says its tenant, so that whoever presents it needs no header. */
export function formatTenantSecret(
  prefix: string,
  tenantId: string,
  secret: Buffer = randomBytes(SECRET_BYTES),
): string {
  if (secret.length !== SECRET_BYTES) throw new Error('a secret holds 32 bytes');
  return `${prefix}_${tenantId.replaceAll('-', '')}_${secret.toString('base64url')}`;
}

/** The tenant that a secret speaks of; null for a text of another form. */
export function tenantOfSecret(prefix: string, text: string): string | null {
  const [, found, hex] = SHAPE.exec(text) ?? [];
  if (found !== prefix || !hex) return null;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** What is stored: 256 random bits need no salt and no slow hash. */
export function hashSecret(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
