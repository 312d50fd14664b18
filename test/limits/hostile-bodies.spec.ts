import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openApiDocument } from '../../src/platform/http/http-server.ts';
import { CASES, requestOf } from '../isolation/cases.ts';
import { routesOf, type Route } from '../isolation/routes.ts';
import { World } from '../isolation/worlds.ts';
import { startApp } from '../support/app.ts';
import { enrolOperator, type TestOperator } from '../support/operator.ts';
import {
  bodyFieldsOf,
  busyMs,
  hostileShapes,
  leastUntil,
  post,
  withValue,
  type Answered,
  type BodyFields,
  type Target,
} from './hostile.ts';

/**
 * Every route that takes a body, with bodies that were made to cost: what they cost is compared with what reading them as
 * JSON costs, in the same run. The caller may do what the route is for, so that nothing but the body can be refused.
 */

const app = await startApp({
  settings: {
    WORKER: 'false',
    TENANT_HOMES: '1',
    TENANT_CONNECTIONS: '4',
    ACCESS_TOKEN_SECONDS: '3600',
    MAIL_CATCH: 'true',
  },
});
const document = openApiDocument(app.nest);
const routes = routesOf(app).routes.flatMap((route) => {
  const fields = bodyFieldsOf(document, route.method, route.path);
  return fields ? [{ name: route.name, route, fields }] : [];
});

const MOST_ANSWER = 16 * 1024;
const MOST_TIMES_PARSING = 20;
const MOST_GROWTH = 2.5;
/** Below so many milliseconds nothing can be said of growth: a request has a price of its own. */
const FLOOR_MS = 25;
/** Characters of the longest text that is sent, and of the shortest whose reading takes a time that can be measured. */
const LONGEST = 250_000;
const SHORTEST = 1_000;
/** Each is hostile to another kind of reader. */
const PATTERNS = ['*a_@', ' \t', '@a@b.', '[`(<', 'e\u0301😀'];

let world: World;
let operator: TestOperator;
beforeAll(async () => {
  world = await World.make(app);
  operator = await enrolOperator(app);
});
const tally = { routes: 0, bodies: 0, texts: 0 };
afterAll(async () => {
  process.stdout.write(
    `hostile bodies: ${tally.bodies} to ${tally.routes} routes, ${tally.texts} fields of text doubled\n`,
  );
  await app.stop();
});

/** The route as whoever may use it asks it, and a body that would be fine. */
async function targetOf(route: Route): Promise<Target & { body: unknown }> {
  if (route.path.startsWith('/api/v1/platform/')) {
    const path = route.path.replaceAll(/:\w+/g, world.record.id);
    return { method: route.method, path, headers: operator.headers, body: {} };
  }
  const { path, params, query, headers, body } = await requestOf(route, CASES[route.name]!, world);
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name]!));
  const search = new URLSearchParams(query).toString();
  return {
    method: route.method,
    path: search === '' ? filled : `${filled}?${search}`,
    headers: Object.fromEntries(headers),
    body: body ?? {},
  };
}

/** What a shape may cost: as found for the first route, and anew where the machine has become slower since. */
const allowed = new Map<string, number>();

/** What is wrong with the answers to hostile bodies, and with what they cost. */
async function problemsWith(target: Target, { texts, lists }: BodyFields): Promise<string[]> {
  const problems: string[] = [];
  const unread = { ...target, headers: { ...target.headers, 'content-type': 'application/unknown' } };
  const text = texts.find(({ path }) => path.length === 1)?.path ?? texts[0]?.path ?? ['text'];
  for (const { name, json } of hostileShapes(text, lists[0] ?? text[0]!)) {
    tally.bodies += 1;
    let answer: Answered = { status: 0, bytes: 0 };
    const send = async () => {
      answer = await post(app.url, target, json);
    };
    const first = await busyMs(send);
    const { status, bytes } = answer;
    if (status < 400 || status >= 500 || bytes > MOST_ANSWER) problems.push(`${name}: ${status}, ${bytes} bytes`);
    if (first <= (allowed.get(name) ?? 0)) continue;
    const source = json.toString();
    // As long as the request may take, so that a busy machine interrupts the one as often as the other.
    const parsing = () => {
      const began = performance.now();
      for (let i = 0; i < MOST_TIMES_PARSING && performance.now() - began < 200; i += 1) JSON.parse(source);
    };
    const works = [parsing, () => post(app.url, unread, json), send];
    const most = ([parsed, arriving]: readonly number[]) => parsed! + 2 * arriving! + FLOOR_MS;
    const least = await leastUntil(works, 16, (found) => found[2]! <= most(found));
    allowed.set(name, most(least));
    if (least[2]! > most(least)) problems.push(`${name}: ${least.map((ms) => ms.toFixed(1)).join(' / ')} ms`);
  }
  return problems;
}

/** Fields of text whose cost grows faster than they do. Each body is refused for another field, so that it can be sent again. */
async function growingFields(target: Target & { body: unknown }, { texts }: BodyFields): Promise<string[]> {
  const problems: string[] = [];
  for (const [i, { path, most }] of texts.entries()) {
    tally.texts += 1;
    const sizes = [Math.min(most ?? LONGEST, LONGEST), LONGEST];
    for (const size of new Set(sizes.filter((each) => each >= SHORTEST))) {
      const pattern = PATTERNS[i % PATTERNS.length]!;
      const [half, whole] = [size / 2, size].map((length) => {
        const value = `@${pattern.repeat(length / pattern.length)}`.slice(0, length);
        return Buffer.from(JSON.stringify(withValue({ ...(target.body as object), unknown: 1 }, path, value)));
      });
      const works = [() => post(app.url, target, half!), () => post(app.url, target, whole!)];
      const grows = ([one, two]: readonly number[]) => two! > MOST_GROWTH * Math.max(one!, FLOOR_MS);
      const [one, two] = await leastUntil(works, 10, (least) => !grows(least));
      if (grows([one!, two!])) problems.push(`${path.join('.')} of ${size}: ${one!.toFixed(1)}, ${two!.toFixed(1)} ms`);
    }
  }
  return problems;
}

describe('a hostile body', () => {
  it('is known of every route that takes one', () => {
    expect(routes.length).toBeGreaterThan(80);
    expect(routes.reduce((sum, { fields }) => sum + fields.texts.length, 0)).toBeGreaterThan(150);
  });

  it.each(routes)(
    'is refused by $name for what reading it costs, twice the text for twice as much',
    async ({ route, fields }) => {
      tally.routes += 1;
      const target = await targetOf(route);
      expect(await problemsWith(target, fields)).toEqual([]);
      expect(await growingFields(target, fields)).toEqual([]);
    },
  );
});
