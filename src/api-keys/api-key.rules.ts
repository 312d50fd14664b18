import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Actor } from '../platform/access/actor.ts';
import { PROJECT_ROLE_GRANTS, type Grant } from '../platform/access/permissions.ts';
import { covers, problemOfGrant } from '../platform/access/grants.ts';
import type { ErrorDetail } from '../platform/errors/app-error.ts';
import type { KeyClaims } from './api-keys.types.ts';

const SECRET_BYTES = 32;
const TEXT = /^(pfk_([0-9a-f]{32})_[A-Za-z0-9_-]{43})_([0-9a-f]{8})$/;

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;
const MOST_DAYS = 366;

/**
 * `pfk_<tenant id>_<256 bits>_<checksum>`: it says its tenant, so that it needs no header, and whoever looks for keys that
 * were published by mistake can tell one from any other text.
 */
export function formatApiKey(tenantId: string, secret: Buffer): string {
  if (secret.length !== SECRET_BYTES) throw new Error('an API key holds 32 bytes');
  const text = `pfk_${tenantId.replaceAll('-', '')}_${secret.toString('base64url')}`;
  return `${text}_${checksumOf(text)}`;
}

/** What a text claims to be; null for one that is no API key or was mistyped. */
export function readApiKey(text: string): KeyClaims | null {
  const [, body, hex, checksum] = TEXT.exec(text) ?? [];
  if (!body || !hex || checksum !== checksumOf(body)) return null;
  const tenant = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  return { tenant, hash: hashApiKey(text) };
}

/** What is stored: 256 random bits need no salt and no slow hash. */
export function hashApiKey(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

/** What is wrong with the scopes of a new key: nobody gives a key what they do not have, in the organisation or some project. */
export function scopeProblems(actor: Actor, scopes: string[]): ErrorDetail[] {
  const wrong = (code: string, i: number, message: string) => ({ pointer: `/scopes/${i}`, code, message });
  if (scopes.length === 0) return [{ pointer: '/scopes', code: 'empty', message: 'A key has at least one scope.' }];
  const held = new Set<Grant>([...actor.grants, ...actor.projectRoles.flatMap((role) => PROJECT_ROLE_GRANTS[role])]);
  return scopes.flatMap((scope, i) => {
    if (scope !== '*' && problemOfGrant(scope)) return [wrong('unknown_scope', i, `There is no permission ${scope}.`)];
    return covers(held, scope as Grant) ? [] : [wrong('scope_refused', i, `You do not have ${scope} yourself.`)];
  });
}

/** When a key ends: 90 days from now unless said otherwise, at most a year; a text when it cannot end then. */
export function expiryOf(wanted: string | undefined, now = Date.now()): Date | string {
  if (wanted === undefined) return new Date(now + DEFAULT_DAYS * DAY_MS);
  const expiresAt = new Date(wanted);
  if (expiresAt.getTime() <= now) return 'expiresAt must be in the future.';
  return expiresAt.getTime() > now + MOST_DAYS * DAY_MS ? 'A key lives a year at most.' : expiresAt;
}
