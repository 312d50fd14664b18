import { domainToASCII } from 'node:url';
import { InvalidInput } from '../errors/app-error.ts';

/** Of what ASCII has to say about a domain: anything else would be an address of the web to the conversion, or a part of one. */
const SIGNS_OF_NO_DOMAIN = /[^\p{L}\p{N}\p{M}\u{80}-\u{10ffff}.-]/u;
/** Of what no mailbox is called, and what cannot be seen: controls, and signs of formatting such as a zero-width space. */
const UNSEEN = /[\p{Cc}\p{Cf}]/u;
const LABELS = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** RFC 5321, 4.5.3.1.3, rounded up to what is stored. */
const LONGEST = 255;

/**
 * The one spelling of an e-mail address by which accounts, attempts, invitations and limits are compared, counted and kept
 * unique: the domain as A-labels (UTS 46), ASCII letters in lower case, and the rest of the local part in NFC (RFC 6532, 3.1):
 * letters that are composed or not look alike, and are one. Nothing else folds two addresses into one: what `lower()` and toLowerCase() do to other letters differs between PostgreSQL and
 * JavaScript, and whoever owns the other spelling is somebody else.
 *
 * @returns null for what is no address, because its domain cannot be written as A-labels
 */
export function canonicalAddress(address: string): string | null {
  const at = address.lastIndexOf('@');
  const domain = canonicalDomain(address.slice(at + 1));
  const local = asciiLowered(address.slice(0, Math.max(at, 0))).normalize('NFC');
  if (domain === null || local === '' || !local.isWellFormed() || UNSEEN.test(local)) return null;
  const canonical = `${local}@${domain}`;
  return canonical.length <= LONGEST ? canonical : null;
}

/** The same where it has to be one. @throws InvalidInput at /email */
export function toCanonicalAddress(address: string): string {
  const canonical = canonicalAddress(address);
  if (canonical === null)
    throw new InvalidInput([{ pointer: '/email', code: 'email', message: 'email must be an e-mail address.' }]);
  return canonical;
}

/**
 * Where a mail to the address goes: to the domain that it is compared by. Mail programs convert domains with letters of
 * other scripts in ways of their own, and a link must reach nobody but whose address it proves.
 */
export function deliveredTo(address: string): string {
  const at = address.lastIndexOf('@');
  const domain = canonicalDomain(address.slice(at + 1));
  return domain === null ? address : `${address.slice(0, at)}@${domain}`;
}

/** The domain of an address as A-labels, without a dot behind it; null where it has none. */
export function canonicalDomain(domain: string): string | null {
  if (!domain.isWellFormed() || SIGNS_OF_NO_DOMAIN.test(domain)) return null;
  const labels = domainToASCII(domain).replace(/\.$/, '');
  return LABELS.test(labels) ? labels : null;
}

/** For comparisons with what somebody has typed: what is no address is nobody's, and is counted all the same. */
export function addressKey(typed: string): string {
  return canonicalAddress(typed) ?? asciiLowered(typed);
}

/** The domain of a canonical address. */
export function domainOf(canonical: string): string {
  return canonical.slice(canonical.lastIndexOf('@') + 1);
}

function asciiLowered(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
