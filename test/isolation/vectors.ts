import { generateKeyPairSync, sign } from 'node:crypto';
import { v7 as newId } from 'uuid';
import { ANONYMOUS } from '../../src/platform/access/actor.ts';
import { AccessTokens } from '../../src/auth/access-tokens.ts';
import { filterValue } from './cases.ts';
import { send, type Request } from './probes.ts';
import type { Route } from './routes.ts';
import { nonce, type World } from './worlds.ts';

/** One place of a request, and what a stranger could put there. */
export interface Vector {
  name: string;
  /** The other tenant's. */
  foreign: string;
  /** What nobody has; or a third tenant's, where only an existing one tells the same story. */
  unknown: string;
  /** One's own, where the request has nothing in this place by itself. */
  own?: string;
  put: (request: Request, value: string) => Request;
  /** What a stranger hears, where that is promised. */
  expected?: { status: number; code: string };
}

/** The tenant that attacks, the one that is attacked, and one that neither has to do with. */
export interface Parties {
  mine: World;
  other: World;
  third: World;
}

const MISMATCH = { status: 403, code: 'tenant_mismatch' };
const NO_SUCH_TENANT = { status: 404, code: 'tenant_not_found' };
const NOT_SIGNED_IN = { status: 401, code: 'unauthenticated' };
const STALE = { status: 412, code: 'stale_version' };
const WRONG_CURSOR = { status: 400, code: 'invalid_cursor' };

/** @param own, theirs the same call as each of the two tenants makes it for itself */
export async function vectorsFor(route: Route, own: Request, theirs: Request, parties: Parties): Promise<Vector[]> {
  if (route.access?.kind === 'public' && route.access.tenant === false) {
    return [...ignoredNames(parties), ...bodyVectors(own, theirs, parties)];
  }
  return [
    ...(await pathVectors(route, own, theirs, parties)),
    ...bodyVectors(own, theirs, parties),
    ...filterVectors(route, parties),
    ...(await cursorVectors(route, own, theirs, parties)),
    ...conditionVectors(route, theirs),
    ...addressVectors(route, parties),
    ...(await tokenVectors(route, parties)),
  ];
}

async function pathVectors(route: Route, own: Request, theirs: Request, { other }: Parties): Promise<Vector[]> {
  const names = Object.keys(own.params);
  const set = (name: string, change: Partial<Request> = {}) => (request: Request, value: string) => ({
    ...request,
    ...change,
    params: { ...request.params, [name]: value },
  });
  const vectors = names.flatMap((name): Vector[] => {
    const foreign = theirs.params[name]!;
    return [
      { name: `:${name}`, foreign, unknown: newId(), put: set(name) },
      { name: `:${name} in capitals`, foreign: foreign.toUpperCase(), unknown: newId().toUpperCase(), put: set(name) },
      ...(route.method === 'GET'
        ? [{ name: `:${name} by HEAD`, foreign, unknown: newId(), put: set(name, { method: 'HEAD' }) }]
        : []),
    ];
  });
  for (const name of names) {
    for (const kind of ['project', 'task', 'comment', 'user', 'role', 'session'] as const) {
      const foreign = await other.idOf(kind);
      vectors.push({ name: `:${name} given a ${kind}`, foreign, unknown: newId(), put: set(name) });
    }
  }
  if (names.length < 2) return vectors;
  const setAll = (request: Request, value: string) => {
    const values = value.split(' ');
    return { ...request, params: Object.fromEntries(names.map((name, i) => [name, values[i]!])) };
  };
  const foreign = names.map((name) => theirs.params[name]).join(' ');
  return [...vectors, { name: 'all of the path', foreign, unknown: names.map(() => newId()).join(' '), put: setAll }];
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function bodyVectors(own: Request, theirs: Request, { mine, other, third }: Parties): Vector[] {
  if (own.body === undefined) return [];
  const at = (path: string) => (request: Request, value: string) => ({ ...request, body: withLeaf(request.body, path, value) });
  const ours = leavesOf(own.body);
  const vectors = [...ours].flatMap(([path, value]): Vector[] => {
    const foreign = leavesOf(theirs.body).get(path)!;
    const place = { name: `body ${path}`, put: at(path) };
    if (UUID.test(value)) return [{ ...place, foreign, unknown: newId() }];
    if (/(^|\.)email$/.test(path)) return [{ ...place, foreign: other.owner.email, unknown: `${nonce()}@nobody.test` }];
    if (/^roles\.\d+$/.test(path)) return [{ ...place, foreign: other.roleKey, unknown: `role-${nonce()}` }];
    if (path !== 'refreshToken') return [];
    const [tag, tenant, secret] = splitToken(value);
    const [, otherTenant, otherSecret] = splitToken(foreign);
    const unheaded = (request: Request, token: string) => at(path)(withoutHeader(request, 'x-tenant-domain'), token);
    const named = (id: string) => `${tag}_${id}_${secret}`;
    return [
      { ...place, foreign, unknown: third.refreshToken, expected: MISMATCH },
      { name: 'own refresh token named the tenant’s', put: at(path), foreign: named(otherTenant), unknown: named(hex(newId())), expected: MISMATCH },
      { name: 'own refresh token named the tenant’s, no header', put: unheaded, foreign: named(otherTenant), unknown: named(hex(newId())) },
      { name: 'refresh token named one’s own', put: at(path), foreign: `${tag}_${tenant}_${otherSecret}`, unknown: `${tag}_${tenant}_${splitToken(mine.spareRefreshToken())[2]}` },
    ];
  });
  const ids = [...ours].filter(([, value]) => UUID.test(value)).map(([path]) => path);
  if (ids.length > 1) {
    const setAll = (request: Request, value: string) => {
      const values = value.split(' ');
      return { ...request, body: ids.reduce((body, path, i) => withLeaf(body, path, values[i]!), request.body) };
    };
    const foreign = ids.map((path) => leavesOf(theirs.body).get(path)!).join(' ');
    vectors.push({ name: 'all ids of the body', foreign, unknown: ids.map(() => newId()).join(' '), put: setAll });
  }
  for (const field of ['tenantId', 'tenant', 'schema']) {
    const [foreign, unknown] = field === 'schema' ? [other.schema, schemaName()] : [other.tenant.id, newId()];
    const put = (request: Request, value: string) => ({ ...request, body: { ...(request.body as object), [field]: value } });
    vectors.push({ name: `body with ${field}`, foreign, unknown, put, expected: { status: 400, code: 'invalid_input' } });
  }
  return vectors;
}

function filterVectors(route: Route, { mine, other }: Parties): Vector[] {
  const set = (name: string) => (request: Request, value: string): Request => ({
    ...request,
    query: [...request.query, [name, value]],
  });
  return [...route.idFilters, ...route.textFilters].flatMap((filter): Vector[] => {
    const [own, foreign] = [filterValue(filter, mine), filterValue(filter, other)];
    if (own === null || foreign === null) return [];
    const unknown = route.idFilters.includes(filter) ? newId() : `canary${nonce()}`;
    const both = { own, foreign: `${own},${foreign}`, unknown: `${own},${unknown}` };
    const vectors: Vector[] = [
      { name: `?${filter}`, own, foreign, unknown, put: set(filter) },
      { name: `?${filter} beside one's own`, ...both, put: set(`${filter}[in]`) },
    ];
    if (filter !== 'tags') vectors.push({ name: `?${filter}[neq]`, own, foreign, unknown, put: set(`${filter}[neq]`) });
    return vectors;
  });
}

async function cursorVectors(route: Route, own: Request, theirs: Request, { mine }: Parties): Promise<Vector[]> {
  if (!route.isPaged) return [];
  const firstPage = async (request: Request) => {
    const page = await send(mine.app.url, { ...request, query: [...request.query, ['limit', '1']] });
    const cursor: unknown = page.json?.meta?.nextCursor;
    if (typeof cursor !== 'string') throw new Error(`${route.name} needs two rows of each tenant to have a cursor`);
    return cursor;
  };
  const [ownCursor, foreign] = [await firstPage(own), await firstPage(theirs)];
  const [[binding], [, ...position]] = [readCursor(ownCursor), readCursor(foreign)];
  const unknown = writeCursor([nonce() + nonce().slice(0, 4), ...position]);
  // Where a row of theirs would stand in one's own list, and a row of nobody's in the same place.
  const stray = position.map((value) => (UUID.test(value) ? newId() : value));
  const set = (name: string) => (request: Request, value: string): Request => ({
    ...request,
    query: [...request.query, ['limit', '1'], [name, value]],
  });
  return [
    { name: '?after', own: ownCursor, foreign, unknown, put: set('after'), expected: WRONG_CURSOR },
    { name: '?before', own: ownCursor, foreign, unknown, put: set('before'), expected: WRONG_CURSOR },
    { name: '?after forged', own: ownCursor, foreign: writeCursor([binding!, ...position]), unknown: writeCursor([binding!, ...stray]), put: set('after') },
  ];
}

function conditionVectors(route: Route, theirs: Request): Vector[] {
  const foreign = theirs.headers.find(([name]) => name === 'if-match')?.[1];
  if (route.takesIfMatch) {
    if (!foreign) throw new Error(`${route.name} takes If-Match: its case must send one`);
    return [{ name: 'If-Match', foreign, unknown: '"99999"', put: withHeader('if-match'), expected: STALE }];
  }
  return route.method === 'GET' ? [{ name: 'If-None-Match', foreign: '"5001"', unknown: '"99999"', put: withHeader('if-none-match') }] : [];
}

type Put = Vector['put'];

/** Names of the tenant wherever a request can name one, and where it cannot. */
function addressVectors(route: Route, { mine, other, third }: Parties): Vector[] {
  const isPublic = route.access?.kind === 'public';
  const mismatch = isPublic ? undefined : MISMATCH;
  // A public route knows its tenant by name alone, so there the own name stays where another place is tried.
  const bare = (put: Put): Put => (isPublic ? put : (request, value) => put(withoutHeader(request, 'x-tenant-domain'), value));
  const tenants = { foreign: other.slug, unknown: third.slug };
  const host = (make: (slug: string) => string): Put => (request, slug) => ({ ...request, host: make(slug) });
  const header = withHeader('x-tenant-domain');
  const twice = (...values: ((slug: string) => string)[]): Put => (request, slug) => ({
    ...withoutHeader(request, 'x-tenant-domain'),
    headers: [...withoutHeader(request, 'x-tenant-domain').headers, ...values.map((value): [string, string] => ['x-tenant-domain', value(slug)])],
  });
  const unnamed = (put: Put): Put => (request, slug) => put(withoutHeader(request, 'x-tenant-domain'), slug);
  const vectors: Vector[] = [
    { name: 'X-Tenant-Domain', ...tenants, put: header, expected: mismatch },
    { name: 'X-Tenant-Domain in full', ...tenants, put: (request, slug) => header(request, `${slug}.localhost`), expected: mismatch },
    { name: 'X-Tenant-Domain in capitals', ...tenants, put: (request, slug) => header(request, slug.toUpperCase()), expected: mismatch },
    { name: 'X-Tenant-Domain by id', foreign: other.tenant.id, unknown: newId(), put: header, expected: NO_SUCH_TENANT },
    { name: 'X-Tenant-Domain by schema', foreign: other.schema, unknown: schemaName(), put: header, expected: NO_SUCH_TENANT },
    { name: 'X-Tenant-Domain twice, own first', ...tenants, put: twice(() => mine.slug, (slug) => slug), expected: NO_SUCH_TENANT },
    { name: 'X-Tenant-Domain twice, own last', ...tenants, put: twice((slug) => slug, () => mine.slug), expected: NO_SUCH_TENANT },
    { name: 'Host', ...tenants, put: unnamed(host((slug) => `${slug}.localhost`)), expected: mismatch },
    { name: 'Host with port in capitals', ...tenants, put: unnamed(host((slug) => `${slug.toUpperCase()}.LOCALHOST:3000`)), expected: mismatch },
    { name: 'Host against the own header', ...tenants, put: host((slug) => `${slug}.localhost`) },
    { name: 'X-Tenant-Domain against the own Host', ...tenants, put: (request, slug) => ({ ...header(request, slug), host: `${mine.slug}.localhost` }), expected: mismatch },
    { name: 'absolute target', ...tenants, put: bare((request, slug) => ({ ...request, absolute: `http://${slug}.localhost` })) },
    { name: '?tenant', ...tenants, put: unnamed(withQuery('tenant')), expected: route.method === 'GET' ? mismatch : undefined },
    { name: '?tenant against the own header', ...tenants, put: withQuery('tenant') },
    { name: '?tenant own against X-Tenant-Domain', ...tenants, put: (request, slug) => withQuery('tenant')(header(request, slug), mine.slug), expected: mismatch },
    { name: '?tenant twice', ...tenants, put: unnamed((request, slug) => withQuery('tenant')(withQuery('tenant')(request, mine.slug), slug)) },
  ];
  return [...vectors, ...ELSEWHERE.map(([name, value]): Vector => ({ name, ...tenants, put: bare((request, slug) => withHeader(name)(request, value(slug))) }))];
}

const ELSEWHERE: [name: string, value: (slug: string) => string][] = [
  ['x-forwarded-host', (slug) => `${slug}.localhost`],
  ['forwarded', (slug) => `host=${slug}.localhost`],
  ['x-original-host', (slug) => `${slug}.localhost`],
  ['x-tenant', (slug) => slug],
  ['cookie', (slug) => `tenant=${slug}`],
];

function ignoredNames({ other, third }: Parties): Vector[] {
  const tenants = { foreign: other.slug, unknown: third.slug };
  const tokens = { foreign: other.owner.accessToken, unknown: third.owner.accessToken };
  return [
    { name: 'X-Tenant-Domain', ...tenants, put: withHeader('x-tenant-domain') },
    { name: 'Host', ...tenants, put: (request, slug) => ({ ...request, host: `${slug}.localhost` }) },
    { name: '?tenant', ...tenants, put: withQuery('tenant') },
    { name: 'access token', ...tokens, put: withHeader('authorization', 'Bearer ') },
  ];
}

async function tokenVectors(route: Route, { mine, other, third }: Parties): Promise<Vector[]> {
  const isPublic = route.access?.kind === 'public';
  const refused = isPublic ? undefined : NOT_SIGNED_IN;
  const bearer = withHeader('authorization', 'Bearer ');
  const alone: Put = isPublic ? bearer : (request, token) => bearer(withoutHeader(request, 'x-tenant-domain'), token);
  const repeated: Put = (request, token) => ({ ...request, headers: [['authorization', `Bearer ${token}`], ...request.headers] });
  const tokens = { foreign: other.owner.accessToken, unknown: third.owner.accessToken };
  const own = mine.owner.accessToken;
  const signed = async (world: World) => (await mine.app.nest.get(AccessTokens).sign(world.record, { ...ANONYMOUS, ...subjectOf(own) })).accessToken;
  const forged = (forge: (tenantId: string) => string) => ({ foreign: forge(other.tenant.id), unknown: forge(third.tenant.id) });
  return [
    { name: 'access token', ...tokens, put: bearer, expected: isPublic ? undefined : MISMATCH },
    { name: 'access token before the own', ...tokens, put: repeated, expected: isPublic ? undefined : MISMATCH },
    { name: 'own token edited to the tenant', ...forged((id) => editedToken(own, id)), put: bearer, expected: refused },
    { name: 'own token edited to the tenant, no header', ...forged((id) => editedToken(own, id)), put: alone, expected: refused },
    { name: 'own token edited and unsigned', ...forged((id) => editedToken(own, id, 'none')), put: alone, expected: refused },
    { name: 'own token edited and signed by oneself', ...forged((id) => editedToken(own, id, 'RS256')), put: alone, expected: refused },
    // As good as a token can get: by our key, for the other tenant, of a person and a session that it does not have.
    { name: 'own person and session in the tenant', foreign: await signed(other), unknown: await signed(third), put: alone, expected: refused },
  ];
}
