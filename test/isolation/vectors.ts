import type { Request } from './probes.ts';
import type { TestOperator } from '../support/operator.ts';
import type { World } from './worlds.ts';

/** One place of a request, and what a stranger could put there. */
export interface Vector {
  name: string;
  /** The other tenant's. */
  foreign: string;
  /** What nobody has; or a third tenant's, where only an existing one tells the same story. */
  unknown: string;
  put: Put;
  /** What the stranger hears, where that is promised. */
  expected?: Expected;
  /** One's own value, where the request has nothing in this place by itself. */
  own?: string;
}

export type Put = (request: Request, value: string) => Request;

export interface Expected {
  status: number;
  code: string;
}

/** The tenant that attacks, the one that is attacked, one that neither has to do with, and who operates them all. */
export interface Parties {
  mine: World;
  other: World;
  third: World;
  operator: TestOperator;
}

/** What the other tenant has and what nobody has, in the same place. */
type Strange = [foreign: string, unknown: string];

export function vector(name: string, [foreign, unknown]: Strange, put: Put, expected?: Expected): Vector {
  return { name, foreign, unknown, put, expected };
}

/** In the place of the header, or beside the others when it was not sent. */
export const withHeader =
  (name: string, prefix = ''): Put =>
  (request, value) => ({
    ...request,
    headers: [...withoutHeader(request, name).headers, [name, prefix + value]],
  });

export function withoutHeader(request: Request, name: string): Request {
  return { ...request, headers: request.headers.filter(([other]) => other !== name) };
}

export const withQuery =
  (name: string): Put =>
  (request, value) => ({ ...request, query: [...request.query, [name, value]] });

/** For a parameter that the request has by itself. */
export const inPlaceOf =
  (name: string): Put =>
  (request, value) => ({
    ...request,
    query: request.query.map(([each, old]) => [each, each === name ? value : old]),
  });

/** Every text in a body by its path: `admin.email`, `roles.0`. */
export function leavesOf(body: unknown, at = ''): Map<string, string> {
  if (typeof body === 'string') return new Map([[at, body]]);
  if (typeof body !== 'object' || body === null) return new Map();
  return new Map(
    Object.entries(body).flatMap(([key, value]) => [...leavesOf(value, at === '' ? key : `${at}.${key}`)]),
  );
}

export const withLeaf =
  (path: string): Put =>
  (request, value) => {
    const body = structuredClone(request.body);
    const keys = path.split('.');
    const last = keys.pop()!;
    const holder = keys.reduce<any>((inner, key) => inner[key], body);
    holder[last] = value;
    return { ...request, body };
  };

/** Several places at once; the values are one text, with a space between. */
export const together =
  (puts: Put[]): Put =>
  (request, values) => {
    const each = values.split(' ');
    return puts.reduce((changed, put, i) => put(changed, each[i]!), request);
  };
