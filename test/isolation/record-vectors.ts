import { randomBytes } from 'node:crypto';
import { v7 as newId } from 'uuid';
import { filterValue } from './filters.ts';
import { send, type Request } from './probes.ts';
import type { Route } from './routes.ts';
import {
  inPlaceOf,
  leavesOf,
  together,
  vector,
  withHeader,
  withLeaf,
  withQuery,
  type Parties,
  type Vector,
} from './vectors.ts';
import { nonce } from './worlds.ts';

const WRONG_CURSOR = { status: 400, code: 'invalid_cursor' };
const UNKNOWN_FIELD = { status: 400, code: 'validation_failed' };
const STALE = { status: 412, code: 'version_mismatch' };

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const KINDS = ['project', 'task', 'comment', 'user', 'role', 'session', 'team'] as const;

const withParam = (name: string, change: Partial<Request> = {}) =>
  ((request, value) => ({
    ...request,
    ...change,
    params: { ...request.params, [name]: value },
  })) satisfies Vector['put'];

/** The ids in the path: the other tenant's for the same call, and one of each other kind. */
export async function pathVectors(route: Route, own: Request, theirs: Request, { other }: Parties): Promise<Vector[]> {
  const vectors: Vector[] = [];
  // What is the same for both, such as a week or an emoji, is nobody's.
  const names = Object.keys(theirs.params).filter((name) => theirs.params[name] !== own.params[name]);
  for (const name of names) {
    const foreign = theirs.params[name]!;
    vectors.push(vector(`:${name}`, [foreign, newId()], withParam(name)));
    vectors.push(vector(`:${name} in capitals`, [foreign.toUpperCase(), newId().toUpperCase()], withParam(name)));
    if (route.method === 'GET') {
      const byHead = vector(`:${name} by HEAD`, [foreign, newId()], withParam(name, { method: 'HEAD' }));
      vectors.push({ ...byHead, own: own.params[name] });
    }
    for (const kind of KINDS) {
      vectors.push(vector(`:${name} given a ${kind}`, [await other.idOf(kind), newId()], withParam(name)));
    }
  }
  if (names.length > 1) {
    const foreign = names.map((name) => theirs.params[name]).join(' ');
    const unknown = names.map(() => newId()).join(' ');
    vectors.push(vector('the whole path', [foreign, unknown], together(names.map((name) => withParam(name)))));
  }
  return vectors;
}

/** The ids in the body, and texts by which something is found: addresses and keys of roles. */
export async function bodyVectors(own: Request, theirs: Request, { other }: Parties): Promise<Vector[]> {
  if (own.body === undefined) return [];
  // To sign in with it takes an address with a password; to take it for oneself, one that no earlier probe has taken.
  const isSignIn = leavesOf(own.body).has('password');
  const address = isSignIn ? other.owner.email : (await other.freshPerson()).email;
  const foreign = leavesOf(theirs.body);
  const vectors = [...leavesOf(own.body)].flatMap(([path, value]): Vector[] => {
    const place = `body ${path}`;
    if (UUID.test(value)) return [vector(place, [foreign.get(path)!, newId()], withLeaf(path))];
    if (/(^|\.)email$/.test(path)) {
      return [vector(place, [address, `${nonce()}@nobody.test`], withLeaf(path))];
    }
    if (/^roles\.\d+$/.test(path)) return [vector(place, [other.roleKey, `role-${nonce()}`], withLeaf(path))];
    return [];
  });
  const ids = [...leavesOf(own.body)].filter(([, value]) => UUID.test(value)).map(([path]) => path);
  if (ids.length > 1) {
    const all: [string, string] = [ids.map((path) => foreign.get(path)).join(' '), ids.map(() => newId()).join(' ')];
    vectors.push(vector('all ids of the body', all, together(ids.map((path) => withLeaf(path)))));
  }
  const strays: [string, [string, string]][] = [
    ['tenantId', [other.tenant.id, newId()]],
    ['schema', [other.schema, schemaName()]],
  ];
  for (const [field, values] of strays) {
    vectors.push(vector(`body with ${field}`, values, withLeaf(field), UNKNOWN_FIELD));
  }
  return vectors;
}

/** Ids in the query string that are no filter: to whom something goes. */
export function queryVectors(own: Request, theirs: Request): Vector[] {
  const foreign = new Map(theirs.query);
  const ids = own.query.filter(([, value]) => UUID.test(value));
  return ids.map(([name]) => vector(`?${name}`, [foreign.get(name)!, newId()], inPlaceOf(name)));
}

/** A record and all that it shall refer to, in one go: as if it were moved there. */
export function moveVectors(own: Request, theirs: Request): Vector[] {
  const params = Object.keys(theirs.params);
  const leaves = leavesOf(theirs.body);
  const paths = [...leavesOf(own.body)].filter(([, value]) => UUID.test(value)).map(([path]) => path);
  if (params.length === 0 || paths.length === 0) return [];
  const foreign = [...params.map((name) => theirs.params[name]), ...paths.map((path) => leaves.get(path))];
  const puts = [...params.map((name) => withParam(name)), ...paths.map((path) => withLeaf(path))];
  const strange: [string, string] = [foreign.join(' '), foreign.map(() => newId()).join(' ')];
  return [vector('path and body', strange, together(puts))];
}

export function schemaName(): string {
  return `t_${randomBytes(8).toString('hex')}`;
}

export function filterVectors(route: Route, { mine, other }: Parties): Vector[] {
  return [...route.idFilters, ...route.textFilters].flatMap((filter): Vector[] => {
    const own = filterValue(filter, mine);
    const foreign = filterValue(filter, other);
    if (own === null || foreign === null) return [];
    const unknown = route.idFilters.includes(filter) ? newId() : `canary${nonce()}`;
    const beside: [string, string] = [`${own},${foreign}`, `${own},${unknown}`];
    const vectors = [
      { ...vector(`?${filter}`, [foreign, unknown], withQuery(filter)), own },
      { ...vector(`?${filter} beside one's own`, beside, withQuery(`${filter}[in]`)), own },
    ];
    // A set has no "other than", and neither has where a search looks.
    if (filter === 'tags' || route.path === '/api/v1/search') return vectors;
    return [...vectors, { ...vector(`?${filter}[neq]`, [foreign, unknown], withQuery(`${filter}[neq]`)), own }];
  });
}

/** The cursor of the other tenant's list, and its position carried over into one's own. */
export async function cursorVectors(route: Route, own: Request, theirs: Request, { mine }: Parties): Promise<Vector[]> {
  if (!route.isPaged) return [];
  const first = (request: Request) => withQuery('limit')(request, '1');
  const cursorOf = async (request: Request) => {
    const cursor: unknown = (await send(mine.app.url, first(request))).json?.meta?.nextCursor;
    if (typeof cursor !== 'string') throw new Error(`${route.name} has no second page: give each tenant two rows`);
    return cursor;
  };
  const ownCursor = await cursorOf(own);
  const foreign = await cursorOf(theirs);
  const [binding] = readCursor(ownCursor);
  const [, ...position] = readCursor(foreign);
  const unknown = writeCursor([randomBytes(12).toString('base64url'), ...position]);
  const carried = writeCursor([binding!, ...position]);
  const nowhere = writeCursor([binding!, ...position.map((value) => (UUID.test(value) ? newId() : value))]);
  const vectors = [
    vector('?after', [foreign, unknown], (request, value) => withQuery('after')(first(request), value), WRONG_CURSOR),
    vector('?before', [foreign, unknown], (request, value) => withQuery('before')(first(request), value), WRONG_CURSOR),
    vector('?after carried over', [carried, nowhere], withQuery('after')),
  ];
  return vectors.map((each) => ({ ...each, own: ownCursor }));
}

function readCursor(cursor: string): string[] {
  return JSON.parse(Buffer.from(cursor, 'base64url').toString()) as string[];
}

function writeCursor(parts: string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The version of the other tenant's record. */
export function conditionVectors(route: Route, theirs: Request): Vector[] {
  const foreign = theirs.headers.find(([name]) => name === 'if-match')?.[1];
  if (route.takesIfMatch) {
    if (!foreign) throw new Error(`${route.name} takes If-Match, and its case sends none`);
    return [vector('If-Match', [foreign, '"99999"'], withHeader('if-match'), STALE)];
  }
  return route.method === 'GET' ? [vector('If-None-Match', ['"5001"', '"99999"'], withHeader('if-none-match'))] : [];
}
