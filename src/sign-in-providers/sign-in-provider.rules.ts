import type { Actor } from '../platform/access/actor.ts';
import type { ErrorDetail } from '../platform/errors/app-error.ts';
import type { ProviderKind, ProviderPlace } from './sign-in-providers.types.ts';

/** The level of the built-in role member: what anybody may let newcomers be, if their own role is not below it. */
const MEMBER_LEVEL = 20;
const GOOGLE = 'https://accounts.google.com';
const GITHUB = 'https://github.com';
const GITHUB_API = 'https://api.github.com';
/** A directory by its id or domain. The common ones speak for everybody, whose addresses nobody has checked. */
const DIRECTORY = /^[a-z0-9][a-z0-9.-]{2,252}$/i;
const COMMON = new Set(['common', 'organizations', 'consumers']);

const SCOPES: Record<ProviderKind, string[]> = {
  oidc: ['openid', 'email', 'profile'],
  google: ['openid', 'email', 'profile'],
  microsoft: ['openid', 'email', 'profile'],
  github: ['read:user', 'user:email'],
};

interface Placed {
  kind: ProviderKind;
  issuer?: string | null;
  directory?: string | null;
}

/** What is missing or too much to find the provider. */
export function placeProblems({ kind, issuer, directory }: Placed): ErrorDetail[] {
  const problems: ErrorDetail[] = [];
  const wrong = (code: string, field: string, message: string) =>
    problems.push({ pointer: `/${field}`, code, message });
  if (kind === 'oidc' && !issuer) wrong('required', 'issuer', 'Give the address of the issuer.');
  if ((kind === 'google' || kind === 'microsoft') && issuer) wrong('not_needed', 'issuer', `${kind} has one issuer.`);
  if (issuer && !isPlainUrl(issuer)) wrong('url', 'issuer', 'The issuer is an address without query and fragment.');
  if (kind === 'microsoft' && !isDirectory(directory))
    wrong('directory', 'directory', 'Give the id of one directory (tenant); common ones vouch for nobody.');
  if (kind !== 'microsoft' && directory) wrong('not_needed', 'directory', 'Only Microsoft has directories.');
  return problems;
}

export function placeOf({ kind, issuer, directory }: Placed): ProviderPlace {
  if (kind === 'google') return { issuer: GOOGLE };
  if (kind === 'microsoft') return { issuer: `https://login.microsoftonline.com/${directory}/v2.0` };
  if (kind === 'oidc') return { issuer: issuer! };
  const site = (issuer ?? GITHUB).replace(/\/$/, '');
  const api = issuer ? `${site}/api/v3` : GITHUB_API;
  return {
    authorization: `${site}/login/oauth/authorize`,
    token: `${site}/login/oauth/access_token`,
    user: `${api}/user`,
    emails: `${api}/user/emails`,
  };
}

export function scopesOf(kind: ProviderKind, more: string[]): string[] {
  return [...new Set([...SCOPES[kind], ...more])];
}

/** Why the actor may not let newcomers have this role; null when they may. More than a member only an owner decides. */
export function refusalOfRole(actor: Actor, role: { key: string; level: number }): string | null {
  if (role.key === 'owner') return 'Nobody becomes an owner by signing in.';
  if (role.level > actor.level) return `The role ${role.key} is above your own.`;
  const isOwner = actor.roles.includes('owner');
  return role.level > MEMBER_LEVEL && !isOwner ? `Only an owner may let newcomers be ${role.key}.` : null;
}

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { search, hash } = new URL(text);
  return search === '' && hash === '' && !text.includes('?') && !text.includes('#');
}

function isDirectory(directory: string | null | undefined): boolean {
  return !!directory && DIRECTORY.test(directory) && !COMMON.has(directory.toLowerCase());
}
