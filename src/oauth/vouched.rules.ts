import { addressKey, canonicalAddress, canonicalDomain, domainOf } from '../platform/mail/canonical-address.ts';
import { hasWebAddress, isOneLine } from '../platform/mail/plain-names.ts';
import type { ProviderKind } from '../sign-in-providers/sign-in-providers.types.ts';
import type { Vouched } from './oauth.types.ts';

/** What OpenID providers say about somebody; anything may be missing or of another type. */
export interface Claims {
  sub: string;
  email?: unknown;
  email_verified?: unknown;
  given_name?: unknown;
  family_name?: unknown;
  name?: unknown;
  /** Google: the organisation that the account belongs to. */
  hd?: unknown;
  /** Microsoft: whether the domain of the address is proved to be the directory's. */
  xms_edov?: unknown;
}

export interface GitHubUser {
  id: unknown;
  login?: unknown;
  name?: unknown;
}

export interface GitHubEmail {
  email: unknown;
  primary: unknown;
  verified: unknown;
}

const MOST_NAME = 100;
/** OpenID Connect Core, 2. */
const MOST_SUBJECT = 255;
const EMAIL = /^[^\s@]+@[^\s@]+$/;

export function vouchedByClaims(kind: ProviderKind, claims: Claims): Vouched {
  if (claims.sub.length > MOST_SUBJECT || !isStorable(claims.sub)) throw new Error('the subject cannot be kept');
  const email = emailOf(claims.email);
  return {
    subject: claims.sub,
    email,
    emailVerified: email !== null && isVerified(kind, email, claims),
    ...namesOf(claims.given_name, claims.family_name, claims.name, email),
  };
}

/** Whether the ID token leaves out what userinfo may say. Microsoft says neither there nor here that an address is proved. */
export function lacksEmail(kind: ProviderKind, { email, email_verified: verified }: Claims): boolean {
  return email === undefined || (kind !== 'microsoft' && verified === undefined);
}

/** The ID token, completed by userinfo. That an address is proved is said of the address beside it, and of no other one. */
export function completed(claims: Claims, more: Partial<Claims>): Claims {
  const all = { ...more, ...claims };
  if (claims.email === undefined) return { ...all, email: more.email, email_verified: more.email_verified };
  if (claims.email_verified !== undefined) return all;
  const [email, other] = [emailOf(claims.email), emailOf(more.email)];
  const isSame = email !== null && other !== null && addressKey(email) === addressKey(other);
  return { ...all, email_verified: isSame ? more.email_verified : undefined };
}

/** Plain OAuth 2: the number of the account stays, its name does not. */
export function vouchedByGitHub(user: GitHubUser, emails: GitHubEmail[]): Vouched {
  if (typeof user.id !== 'number') throw new Error('the API says no id');
  const primary = Array.isArray(emails) ? emails.find((each) => each.primary === true) : undefined;
  const email = emailOf(primary?.email);
  return {
    subject: String(user.id),
    email,
    emailVerified: email !== null && primary?.verified === true,
    ...namesOf(undefined, undefined, user.name ?? user.login, email),
  };
}

/**
 * Google has checked addresses of others when the account was made, and does not hear when they change hands; its own, and
 * those of organisations that it hosts, it knows. Microsoft lets a directory write what it likes into `email` unless the
 * domain was proved.
 */
function isVerified(kind: ProviderKind, email: string, claims: Claims): boolean {
  if (kind === 'microsoft') return [true, 1, '1', 'true'].includes(claims.xms_edov as never);
  if (!isTrue(claims.email_verified)) return false;
  return kind !== 'google' || domainOf(addressKey(email)) === 'gmail.com' || typeof claims.hd === 'string';
}

/** AWS Cognito and Apple say it in a text. */
function isTrue(claim: unknown): boolean {
  return claim === true || claim === 'true';
}

function emailOf(value: unknown): string | null {
  return typeof value === 'string' && EMAIL.test(value) && isStorable(value) && canonicalAddress(value) !== null
    ? value
    : null;
}

function namesOf(
  given: unknown,
  family: unknown,
  whole: unknown,
  email: string | null,
): Pick<Vouched, 'firstName' | 'lastName'> {
  const [first = '', ...rest] = nameOf(whole).split(' ');
  return {
    firstName: nameOf(given) || first || nameOf((email ?? '').split('@')[0]!.replace(/[^\p{L}\p{N}]+/gu, ' ')),
    lastName: nameOf(family) || (nameOf(given) ? '' : rest.join(' ')),
  };
}

function nameOf(value: unknown): string {
  if (typeof value !== 'string' || !isStorable(value)) return '';
  const name = [...value.trim().replaceAll(/\s+/g, ' ')].slice(0, MOST_NAME).join('').trim();
  // As nobody may type it here.
  return isOneLine(name) && !hasWebAddress(name) ? name : '';
}

function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Whether the domain of the address is one of these, or nobody has named any. */
export function isOfDomains(email: string, domains: string[]): boolean {
  const domain = domainOf(addressKey(email));
  return domains.length === 0 || domains.some((each) => canonicalDomain(each) === domain);
}
