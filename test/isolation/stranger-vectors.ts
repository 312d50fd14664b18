import { generateKeyPairSync, sign } from 'node:crypto';
import { v7 as newId } from 'uuid';
import { ANONYMOUS } from '../../src/platform/access/actor.ts';
import { AccessTokens } from '../../src/auth/access-tokens.service.ts';
import { claimsOf } from './credentials.ts';
import { schemaName } from './record-vectors.ts';
import type { Route } from './routes.ts';
import {
  vector,
  withHeader,
  withQuery,
  withoutHeader,
  type Expected,
  type Parties,
  type Put,
  type Vector,
} from './vectors.ts';
import type { World } from './worlds.ts';

export const MISMATCH = { status: 403, code: 'tenant_mismatch' };
const NO_SUCH_TENANT = { status: 404, code: 'tenant_not_found' };
export const NOT_SIGNED_IN = { status: 401, code: 'unauthenticated' };

const DOMAIN = 'x-tenant-domain';
export const header = withHeader(DOMAIN);
export const bearer = withHeader('authorization', 'Bearer ');

export const unnamed =
  (put: Put): Put =>
  (request, value) =>
    put(withoutHeader(request, DOMAIN), value);

export const domain = (slug: string) => `${slug}.localhost`;

/** A route that is told its tenant by name alone: whoever names the other tenant there is its visitor, not a stranger. */
export function isOpen({ access }: Route): boolean {
  return access?.kind === 'public' && access.tenant === true;
}

/** The name of the tenant wherever a request can name one, also twice and against itself. */
export function addressVectors(route: Route, { mine, other, third }: Parties): Vector[] {
  const refused = isOpen(route) ? undefined : MISMATCH;
  const named = (name: string, put: Put, expected?: Expected) => vector(name, [other.slug, third.slug], put, expected);
  const twice =
    (...slugs: ((slug: string) => string)[]): Put =>
    (request, slug) => ({
      ...request,
      headers: [
        ...withoutHeader(request, DOMAIN).headers,
        ...slugs.map((value): [string, string] => [DOMAIN, value(slug)]),
      ],
    });
  const own = () => mine.slug;
  const given = (slug: string) => slug;
  const tenant = withQuery('tenant');
  const byHost: Put = (request, slug) => ({ ...request, host: domain(slug) });
  const byShoutedHost: Put = (request, slug) => ({ ...request, host: `${domain(slug).toUpperCase()}:3000` });
  const good = [
    named('X-Tenant-Domain', header, refused),
    named('X-Tenant-Domain in full', (request, slug) => header(request, domain(slug)), refused),
    named('X-Tenant-Domain in capitals', (request, slug) => header(request, ` ${slug.toUpperCase()} `), refused),
    named('Host', unnamed(byHost), refused),
    named('Host in capitals with a port', unnamed(byShoutedHost), refused),
    named('Host against the own X-Tenant-Domain', byHost),
    named('X-Tenant-Domain against the own Host', (request, slug) => byHost(header(request, slug), own()), refused),
    ...elsewhere(route).map(([name, put]) => named(name, put)),
  ];
  // Anything but a GET refuses the parameter itself, whoever it names.
  if (route.method === 'GET') {
    good.push(
      named(
        'X-Tenant-Domain against the own ?tenant',
        (request, slug) => tenant(header(request, slug), own()),
        refused,
      ),
      named('?tenant against the own X-Tenant-Domain', tenant),
      named('?tenant', unnamed(tenant), refused),
    );
  }
  return [
    ...good.map((each) => ({ ...each, own: own() })),
    vector('X-Tenant-Domain by id', [other.tenant.id, newId()], header, NO_SUCH_TENANT),
    vector('X-Tenant-Domain by schema', [other.schema, schemaName()], header, NO_SUCH_TENANT),
    named('X-Tenant-Domain twice, the own first', twice(own, given), NO_SUCH_TENANT),
    named('X-Tenant-Domain twice, the own last', twice(given, own), NO_SUCH_TENANT),
    named(
      '?tenant twice',
      unnamed((request, slug) => tenant(tenant(request, own()), slug)),
    ),
  ];
}

/** Where other products look for a name, and we do not. */
function elsewhere(route: Route): [string, Put][] {
  const bare = isOpen(route) ? (put: Put) => put : unnamed;
  const inHeader = (name: string, value: (slug: string) => string): [string, Put] => [
    name,
    bare((request, slug) => withHeader(name)(request, value(slug))),
  ];
  return [
    ['absolute target', bare((request, slug) => ({ ...request, absolute: `http://${domain(slug)}` }))],
    inHeader('x-forwarded-host', domain),
    inHeader('x-original-host', domain),
    inHeader('forwarded', (slug) => `host=${domain(slug)}`),
    inHeader('x-tenant', (slug) => slug),
    ['cookie', bare(withCookie)],
  ];
}

/** Beside those that the request brings. */
const withCookie: Put = (request, slug) => {
  const own = request.headers.filter(([name]) => name === 'cookie').map(([, value]) => value);
  return withHeader('cookie')(request, [...own, `tenant=${slug}`].join('; '));
};

/** Access tokens of the other tenant, and one's own bent to it. */
export async function tokenVectors(route: Route, { mine, other, third }: Parties): Promise<Vector[]> {
  const isPublic = route.access?.kind === 'public';
  const [mismatch, refused] = isPublic ? [] : [MISMATCH, NOT_SIGNED_IN];
  const bare = isOpen(route) ? bearer : unnamed(bearer);
  const first: Put = (request, token) => ({
    ...request,
    headers: [['authorization', `Bearer ${token}`], ...request.headers],
  });
  const theirs: [string, string] = [other.owner.accessToken, third.owner.accessToken];
  const own = mine.owner.accessToken;
  const bent = (how: (tenantId: string) => string): [string, string] => [how(other.tenant.id), how(newId())];
  const { sub: userId, sid: sessionId } = claimsOf(own) as { sub: string; sid: string };
  const signedFor = async ({ record, app }: World) =>
    (await app.nest.get(AccessTokens).sign(record, { ...ANONYMOUS, userId, sessionId })).accessToken;
  const vectors = [
    vector('access token', theirs, bearer, mismatch),
    vector('access token before the own', theirs, first, mismatch),
    vector(
      'own token with their tenant',
      bent((id) => edited(own, id)),
      bearer,
      refused,
    ),
    vector(
      'own token with their tenant, unnamed',
      bent((id) => edited(own, id)),
      bare,
      refused,
    ),
    vector(
      'own token with their tenant, not signed',
      bent((id) => unsigned(own, id)),
      bare,
      refused,
    ),
    vector(
      'own token with their tenant, signed by oneself',
      bent((id) => selfSigned(own, id)),
      bare,
      refused,
    ),
    // As good as a token can get: by our key, for the other tenant, of a person and a session that it does not have.
    vector('own session in their tenant', [await signedFor(other), await signedFor(third)], bare, refused),
  ];
  return vectors.map((each) => ({ ...each, own }));
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

export function edited(token: string, tenant: string): string {
  const [head, , signature] = token.split('.');
  return `${head}.${encode({ ...claimsOf(token), tenant })}.${signature}`;
}

function unsigned(token: string, tenant: string): string {
  return `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode({ ...claimsOf(token), tenant })}.`;
}

const ownKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

function selfSigned(token: string, tenant: string): string {
  const text = `${token.split('.')[0]}.${encode({ ...claimsOf(token), tenant })}`;
  return `${text}.${sign('sha256', Buffer.from(text), ownKey).toString('base64url')}`;
}
