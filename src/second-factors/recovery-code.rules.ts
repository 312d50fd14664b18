import { createHash, randomBytes } from 'node:crypto';

const CODES = 10;
/** No letter or digit that could be read as another one; 32 of them, so that each is five bits. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const LENGTH = 24;

/** Ten codes of 120 random bits each: `ABCDEF-GHJKLM-NPQRST-UVWXYZ`. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: CODES }, () =>
    [...randomBytes(LENGTH)]
      .map((byte) => LETTERS[byte % LETTERS.length]!)
      .join('')
      .replace(/.{6}(?!$)/g, '$&-'),
  );
}

/** SHA-256 in base64url: 120 random bits need no salt and no slow hash (OWASP ASVS 5.0, 6.5.2). However a person types it. */
export function hashRecoveryCode(code: string): string {
  return createHash('sha256')
    .update(code.toUpperCase().replace(/[^A-Z0-9]/g, ''))
    .digest('base64url');
}
