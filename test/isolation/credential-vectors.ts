import { createHash, randomBytes } from 'node:crypto';
import { v7 as newId } from 'uuid';
import { formatApiKey } from '../../src/api-keys/api-key.rules.ts';
import { ANONYMOUS } from '../../src/platform/access/actor.ts';
import { AccessTokens } from '../../src/auth/access-tokens.service.ts';
import type { Request } from './probes.ts';
import type { Route } from './routes.ts';
import { bearer, domain, edited, header, isOpen, MISMATCH, NOT_SIGNED_IN, unnamed } from './stranger-vectors.ts';
import {
  inPlaceOf,
  leavesOf,
  vector,
  withHeader,
  withLeaf,
  withQuery,
  withoutHeader,
  type Parties,
  type Put,
  type Vector,
} from './vectors.ts';

const ownHeader = withHeader('x-api-key');

const asKey: Put = (request, key) => ownHeader(withoutHeader(request, 'authorization'), key);

/** API keys of the other tenant, and one's own bent to it. A route that asks nobody who they are must not look at them. */
export function keyVectors(route: Route, { mine, other, third }: Parties): Vector[] {
  const isPublic = route.access?.kind === 'public';
  const [mismatch, refused] = isPublic ? [] : [MISMATCH, NOT_SIGNED_IN];
  const bare = isOpen(route) ? (put: Put) => put : unnamed;
  const theirs: [string, string] = [other.keys[0]!.key, third.keys[0]!.key];
  const robots: [string, string] = [other.keys[1]!.key, third.keys[1]!.key];
  const bent = (tenantId: string) => formatApiKey(tenantId, createHash('sha256').update(mine.keys[0]!.key).digest());
  const renamed: [string, string] = [bent(other.tenant.id), bent(newId())];
  return [
    vector('API key', theirs, bearer, mismatch),
    vector('API key of a service account', robots, bearer, mismatch),
    vector('API key in X-API-Key', theirs, asKey, mismatch),
    vector('API key beside the own token', theirs, ownHeader, refused),
    vector('own API key under their name', renamed, bearer, mismatch),
    vector('own API key under their name, unnamed', renamed, bare(bearer), refused),
  ];
}

/** Texts that open something else, or opened something once. */
export async function strangeTokenVectors(route: Route, { mine, other, third, operator }: Parties): Promise<Vector[]> {
  const isPublic = route.access?.kind === 'public';
  const [mismatch, refused] = isPublic ? [] : [MISMATCH, NOT_SIGNED_IN];
  const bare = isOpen(route) ? bearer : unnamed(bearer);
  const nobodys = await mine.app.nest
    .get(AccessTokens)
    .sign(mine.record, { ...ANONYMOUS, userId: newId(), sessionId: newId() });
  const gone: [string, string] = [other.staleToken, third.staleToken];
  const once: [string, string] = [await other.credentials.secondStep(), await third.credentials.secondStep()];
  const operators: [string, string] = [operator.accessToken, edited(operator.accessToken, newId())];
  return [
    vector('token of somebody deactivated there', gone, bearer, mismatch),
    vector('token of somebody deactivated there, unnamed', gone, bare, refused),
    vector('token of somebody deactivated here', [mine.staleToken, nobodys.accessToken], bearer, refused),
    vector('refresh token as access token', [other.owner.refreshToken, third.owner.refreshToken], bearer, refused),
    vector('one-time token as access token', once, bare, refused),
    vector('token of an operator', operators, bearer, refused),
    vector('token of an operator, unnamed', operators, bare, refused),
  ];
}

/** `<kind>_<tenant>_<secret>`: refresh tokens, tokens of mails and challenges, codes and states of a sign-in elsewhere. */
const SECRET = /^([a-z]{3})_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;

/** Such secrets in body and query: the other tenant's, one's own under its name, and its under one's own. */
export function secretVectors(route: Route, own: Request, theirs: Request, { third }: Parties): Vector[] {
  const inBody = secretsIn(leavesOf(own.body)).map(([path, value]) => ({
    place: `body ${path}`,
    value,
    foreign: leavesOf(theirs.body).get(path)!,
    put: withLeaf(path),
  }));
  const inQuery = secretsIn(new Map(own.query)).map(([name, value]) => ({
    place: `?${name}`,
    value,
    foreign: new Map(theirs.query).get(name)!,
    put: inPlaceOf(name),
  }));
  return [...inBody, ...inQuery].flatMap(({ place, value, foreign, put }): Vector[] => {
    // Where the secret says the tenant, another one that is named besides is a contradiction. A challenge comes second.
    const isOptional = route.access?.kind === 'public' && route.access.tenant === 'optional';
    const isTold = isOptional && !place.endsWith('challengeToken');
    const mismatch = isTold ? MISMATCH : undefined;
    const [tag, tenant, secret] = partsOf(value);
    const [, theirTenant, theirSecret] = partsOf(foreign);
    const made = (id: string, text = randomBytes(32).toString('base64url')) => `${tag}_${id}_${text}`;
    const renamed: [string, string] = [made(theirTenant, secret), made(compact(newId()), secret)];
    return [
      vector(place, [foreign, made(compact(third.tenant.id))], put, mismatch),
      vector(`own ${place} under their name`, renamed, put, mismatch),
      vector(`own ${place} under their name, unnamed`, renamed, isTold ? unnamed(put) : put),
      vector(`their ${place} under the own name`, [made(tenant, theirSecret), made(tenant)], put),
    ];
  });
}

function secretsIn(values: Map<string, string>): [place: string, value: string][] {
  return [...values].filter(([, value]) => SECRET.test(value));
}

function partsOf(token: string): [tag: string, tenant: string, secret: string] {
  const [, tag, tenant, secret] = SECRET.exec(token)!;
  return [tag!, tenant!, secret!];
}

function compact(id: string): string {
  return id.replaceAll('-', '');
}

/** The passkey of the other tenant's person, and the cookie of a browser that it has sent away. */
export function keepsakeVectors(own: Request, theirs: Request): Vector[] {
  const vectors: Vector[] = [];
  const passkey = leavesOf(theirs.body).get('response.id');
  if (passkey !== undefined) {
    const unknown = randomBytes(16).toString('base64url');
    vectors.push(vector('passkey', [passkey, unknown], withLeaf('response.id')));
  }
  const cookieOf = ({ headers }: Request) => headers.find(([name]) => name === 'cookie')?.[1];
  const [ownCookie, cookie] = [cookieOf(own), cookieOf(theirs)];
  if (ownCookie !== undefined && cookie !== undefined) {
    const unknown = `pf_sign_in_${randomBytes(8).toString('hex')}=${randomBytes(32).toString('base64url')}`;
    vectors.push(vector('cookie of an attempt', [cookie, unknown], withHeader('cookie')));
  }
  return vectors;
}

/** A route without a tenant: names and credentials that it must not even look at. */
export function ignoredVectors({ mine, other, third, operator }: Parties): Vector[] {
  const names: [string, string] = [other.slug, third.slug];
  const tokens: [string, string] = [other.owner.accessToken, third.owner.accessToken];
  const byHeader = (name: string) => vector(name, names, (request, slug) => withHeader(name)(request, domain(slug)));
  return [
    vector('X-Tenant-Domain', names, header),
    vector('X-Tenant-Domain in full', names, (request, slug) => header(request, domain(slug))),
    vector('X-Tenant-Domain by id', [other.tenant.id, newId()], header),
    vector('Host', names, (request, slug) => ({ ...request, host: domain(slug) })),
    vector('absolute target', names, (request, slug) => ({ ...request, absolute: `http://${domain(slug)}` })),
    vector('?tenant', names, withQuery('tenant')),
    vector('cookie', names, (request, slug) => withHeader('cookie')(request, `tenant=${slug}`)),
    ...['x-forwarded-host', 'x-original-host', 'x-tenant'].map(byHeader),
    vector('access token', tokens, bearer),
    vector('own token with their tenant', [edited(mine.owner.accessToken, other.tenant.id), tokens[1]], bearer),
    vector('token of somebody deactivated', [other.staleToken, third.staleToken], bearer),
    vector('API key', [other.keys[0]!.key, third.keys[0]!.key], bearer),
    vector('API key in X-API-Key', [other.keys[0]!.key, third.keys[0]!.key], ownHeader),
    vector('token of an operator', [operator.accessToken, edited(operator.accessToken, newId())], bearer),
  ];
}
