import { Secret, TOTP } from 'otpauth';

const PERIOD_SECONDS = 30;
/** RFC 4226, 4: at least 128 bits, 160 recommended. */
const SECRET_BYTES = 20;

export interface Enrolment {
  /** Base32, to be typed where no camera is. */
  secret: string;
  /** `otpauth://totp/...`, what the QR code holds. */
  uri: string;
}

/** A new secret for time-based one-time codes (RFC 6238): six digits, 30 seconds, SHA-1, as every authenticator knows. */
export function newEnrolment(issuer: string, account: string): Enrolment {
  const totp = totpOf(new Secret({ size: SECRET_BYTES }), issuer, account);
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/**
 * The time step that a code belongs to, among the current one, the one before and the one after; null for a wrong code.
 * Whoever asks keeps the step and takes no code of it, or of one before it, again (RFC 6238, 5.2).
 */
export function stepOfCode(code: string, secret: string, now = Date.now()): number | null {
  // Apps show it in two groups, and people type what they see.
  const token = code.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return null;
  const delta = totpOf(Secret.fromBase32(secret)).validate({ token, timestamp: now, window: 1 });
  return delta === null ? null : Math.floor(now / 1_000 / PERIOD_SECONDS) + delta;
}

function totpOf(secret: Secret, issuer = '', label = ''): TOTP {
  return new TOTP({ secret, issuer, label, algorithm: 'SHA1', digits: 6, period: PERIOD_SECONDS });
}
