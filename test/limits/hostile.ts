import http from 'node:http';
import { performance } from 'node:perf_hooks';

/** What a server reads of a body at most. */
const BYTES = 1024 * 1024;

/** A text somewhere in a body. */
export interface TextField {
  /** Names on the way, `0` for the entries of a list. */
  path: string[];
  /** Characters; null where the document says nothing. */
  most: number | null;
}

export interface BodyFields {
  texts: TextField[];
  /** Names of lists in the body itself. */
  lists: string[];
}

/** Of a JSON body, as the document describes it; null for a route that takes none. */
export function bodyFieldsOf(document: any, method: string, path: string): BodyFields | null {
  const operation = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
  const schema = operation?.requestBody?.content?.['application/json']?.schema;
  if (!schema) return null;
  const fields: BodyFields = { texts: [], lists: [] };
  collect(document, schema, [], fields);
  return fields;
}

function collect(document: any, schema: any, path: string[], fields: BodyFields): void {
  if (schema.$ref) return collect(document, document.components.schemas[schema.$ref.split('/').at(-1)], path, fields);
  for (const part of [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])])
    collect(document, part, path, fields);
  if (schema.type === 'string' && !schema.enum) fields.texts.push({ path, most: schema.maxLength ?? null });
  if (schema.type === 'array' && path.length === 1) fields.lists.push(path[0]!);
  for (const [name, inner] of Object.entries(schema.properties ?? {}))
    collect(document, inner, [...path, name], fields);
  if (schema.items) collect(document, schema.items, [...path, '0'], fields);
}

/** The same body with this value there; objects and lists that are missing on the way are made. */
export function withValue(body: unknown, [name, ...rest]: string[], value: unknown): unknown {
  if (name === undefined) return value;
  if (name === '0') return [withValue(Array.isArray(body) ? body[0] : undefined, rest, value)];
  const members = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  return { ...members, [name]: withValue((members as Record<string, unknown>)[name], rest, value) };
}

export interface Shape {
  name: string;
  json: Buffer;
}

const repeat = (text: string, bytes: number) => text.repeat(Math.floor(bytes / Buffer.byteLength(text)));
const list = (entry: string, count: number) => `[${Array<string>(count).fill(entry).join()}]`;

/** A body whose one member is given again and again, until the bounds of all values or of bytes are reached. */
function again(name: string, value: string, values: number): string {
  const member = `${JSON.stringify(name)}:${value}`;
  const times = Math.floor(Math.min((BYTES - 2) / (member.length + 1), 99_000 / values));
  return `{${Array<string>(times).fill(member).join()}}`;
}

/**
 * Eight ways to fill a body, as far as it is read at all, and three of them again with as much as goes into its bytes.
 *
 * @param text a field that takes a text @param many one that takes a list, where there is one
 */
export function hostileShapes(text: string[], many: string): Shape[] {
  const ofText = (value: string) => JSON.stringify(withValue({}, text, value));
  const members = (count: number, value: string) =>
    `{${Array.from({ length: count }, (_, i) => `"k${i}":${JSON.stringify(value)}`).join()}}`;
  const nested = (levels: number, pad: string) =>
    `{"${many}":${`{"p":"${pad}","a":`.repeat(levels)}1${'}'.repeat(levels)}}`;
  const bytes = BYTES - 1_000;
  const shapes: Record<string, string> = {
    'many keys': members(999, 'v'.repeat(1_000)),
    deep: nested(18, 'p'.repeat(50_000)),
    'a long list of {}': again(many, list('{}', 5_000), 10_000),
    'a long list of numbers': again(many, list('1234567', 5_000), 5_000),
    'one long string': ofText(repeat('a', bytes)),
    'repeated signs of Markdown': ofText(`@${repeat('*a_', bytes)}`),
    'many short strings': again(many, list('"ab"', 5_000), 5_000),
    unicode: ofText(repeat('e\u0301😀漢', bytes)),
    'more keys than an object has': members(80_000, ''),
    'deeper than is read': `{"${many}":${'['.repeat(bytes / 2 - 50)}${']'.repeat(bytes / 2 - 50)}}`,
    'a longer list of {}': `{"${many}":${list('{}', 340_000)}}`,
  };
  return Object.entries(shapes).map(([name, json]) => ({ name, json: Buffer.from(json) }));
}

export interface Target {
  method: string;
  /** With its parameters and query string. */
  path: string;
  headers: Record<string, string>;
}

export interface Answered {
  status: number;
  bytes: number;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

/** Sends bytes as they are, and does little else: what is measured is the server, which lives in the same thread. */
export function post(server: string, { method, path, headers }: Target, json: Buffer): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const all = { 'content-type': 'application/json', ...headers, 'content-length': json.length };
    const call = http.request(server + path, { agent, method, headers: all }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode!, bytes }));
    });
    call.on('error', reject);
    call.end(json);
  });
}

/** Milliseconds in which this thread did something; waiting for answers and databases is left out. */
export async function busyMs(work: () => unknown): Promise<number> {
  const [loop, began] = [performance.eventLoopUtilization(), performance.now()];
  const working = work();
  if (!(working instanceof Promise)) return performance.now() - began;
  await working;
  return performance.eventLoopUtilization(loop).active;
}

/**
 * The least that was measured of each, where the machine had something else to do meanwhile: they are measured again until the
 * condition holds, or it is certain that it does not.
 */
export async function leastUntil(
  works: readonly (() => unknown)[],
  tries: number,
  holds: (least: readonly number[]) => boolean,
): Promise<number[]> {
  const least = works.map(() => Infinity);
  for (let i = 0; i < tries; i += 1) {
    for (const [at, work] of works.entries()) least[at] = Math.min(least[at]!, await busyMs(work));
    if (holds(least)) break;
  }
  return least;
}
