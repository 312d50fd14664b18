import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { CASES, requestOf } from '../isolation/cases.ts';
import { send, type RawAnswer } from '../isolation/probes.ts';
import { routesOf, type Route } from '../isolation/routes.ts';
import { World } from '../isolation/worlds.ts';
import { startApp } from '../support/app.ts';

/**
 * What a read costs the database: a few statements, and not one more when there are more rows. Every GET of the router is
 * asked when the organisation has something of everything, and when it has more.
 */

/** Of one request, with the transaction's own; most have one or two. */
const MOST_STATEMENTS = 6;
const CALENDARS = 'what is planned, and the working weeks, holidays and days off that it is measured by';
/** Why these may send more. */
const MAY_SEND: Record<string, [most: number, because: string]> = {
  'GET /api/v1/projects/:id/timeline': [
    8,
    'tasks, what they wait for, milestones, and the calendars they are laid out on',
  ],
  'GET /api/v1/projects/:id/utilization': [7, CALENDARS],
  'GET /api/v1/resources/utilization': [7, CALENDARS],
  'GET /api/v1/users/:id/utilization': [7, CALENDARS],
  'GET /api/v1/resources/over-allocations': [11, `${CALENDARS}; once for the busy, once for those who could take over`],
};
/** Why these may send more when there is more: by so many at most, however much more it is. */
const MAY_GROW: Record<string, [by: number, because: string]> = {
  'GET /api/v1/resources/over-allocations': [
    5,
    'who could take over is looked for when somebody is over-allocated at all',
  ],
};
/** How often each kind of record is added between the readings. */
const MORE = 5;
/** Rows of a page, before and after. */
const [FEW, MANY] = ['2', '100'];
/** Copies of the actor and the tenant are read again once a second, and the product has work of its own. */
const ASKED = 4;

// No worker, so that little moves by itself.
const app = await startApp({
  settings: { WORKER: 'false', ACCESS_TOKEN_SECONDS: '3600', MAIL_CATCH: 'true' },
});
const { routes } = routesOf(app);
/** Operators' lists are over all organisations, of which a test has a few; a sign-in that comes back is used up. */
const reads = routes.filter(
  ({ method, path, name }) =>
    method === 'GET' && !path.startsWith('/api/v1/platform/') && name in CASES && !CASES[name]!.sends,
);

let sent = 0;
const query = pg.Client.prototype.query as (...given: unknown[]) => unknown;
let world: World;
beforeAll(async () => {
  pg.Client.prototype.query = function (this: pg.Client, ...given: unknown[]) {
    sent += 1;
    return query.apply(this, given);
  } as never;
  world = await World.make(app);
});
afterAll(async () => {
  pg.Client.prototype.query = query as never;
  await app.stop();
});

interface Reading {
  statements: number;
  answer: RawAnswer;
}

/** The fewest of several times: what all of them needed. */
async function read(route: Route, limit: string): Promise<Reading> {
  const readings: Reading[] = [];
  for (let time = 0; time < ASKED; time += 1) readings.push(await ask(route, limit));
  return readings.reduce((least, reading) => (reading.statements < least.statements ? reading : least));
}

/** With a limit where one is taken. */
async function ask(route: Route, limit: string): Promise<Reading> {
  const request = await requestOf(route, CASES[route.name]!, world);
  const before = sent;
  const answer = await send(app.url, { ...request, query: [...request.query, ['limit', limit]] });
  if (answer.status !== 400) return { statements: sent - before, answer };
  const again = sent;
  return { answer: await send(app.url, request), statements: sent - again };
}

async function readAll(limit: string): Promise<Map<string, Reading>> {
  const readings = new Map<string, Reading>();
  for (const route of reads) readings.set(route.name, await read(route, limit));
  return readings;
}

/** Whatever can be added to something that is listed, and what hangs on one record or the other. */
async function addMore(): Promise<void> {
  const listed = new Set(reads.map(({ path }) => path));
  const additions = routes.filter(({ method, path, name }) => method === 'POST' && listed.has(path) && name in CASES);
  for (let time = 0; time < MORE; time += 1) {
    for (const route of additions) await send(app.url, await requestOf(route, CASES[route.name]!, world));
    const { id } = await world.freshTask(world.project.id, { parentId: world.task.id, assigneeId: world.member.id });
    await world.freshDependency({ id, version: 1 });
    await world.freshDependency(world.task);
    await world.freshProjectTeam(world.project.id);
    await world.freshMember(world.project.id);
    await world.freshAttachment(world.task.id);
  }
}

const rowsOf = ({ answer }: Reading): number => (Array.isArray(answer.json?.data) ? answer.json.data.length : 0);

describe('the statements of a read', () => {
  const few = new Map<string, Reading>();
  const many = new Map<string, Reading>();
  beforeAll(async () => {
    for (const [name, reading] of await readAll(FEW)) few.set(name, reading);
    await addMore();
    for (const [name, reading] of await readAll(MANY)) many.set(name, reading);
  }, 300_000);

  it('were counted, for many routes, most of which had more rows the second time', () => {
    expect(reads.length).toBeGreaterThan(80);
    const refused = [...few, ...many].filter(([, { answer }]) => answer.status !== 200);
    expect(refused.map(([name, { answer }]) => `${name}: ${answer.status} ${answer.text}`)).toEqual([]);
    const asking = [...many.values()].filter(({ statements }) => statements > 0);
    expect(asking.length).toBeGreaterThan(70);
    const grown = [...many].filter(([name, reading]) => rowsOf(reading) > rowsOf(few.get(name)!));
    expect(grown.length).toBeGreaterThan(20);
  });

  it('do not grow with the rows', () => {
    const grown = [...many].filter(
      ([name, { statements }]) => statements > few.get(name)!.statements + (MAY_GROW[name]?.[0] ?? 0),
    );
    const told = grown.map(([name, { statements }]) => `${name}: ${few.get(name)!.statements}, then ${statements}`);
    expect(told).toEqual([]);
  });

  it('are few', () => {
    const told = [...many]
      .filter(([name, { statements }]) => statements > (MAY_SEND[name]?.[0] ?? MOST_STATEMENTS))
      .map(([name, { statements }]) => `${name}: ${statements}`);
    expect(told).toEqual([]);
  });

  it('need every exception that is made for them', () => {
    const steady = Object.keys(MAY_GROW).filter((name) => many.get(name)!.statements === few.get(name)!.statements);
    expect(steady).toEqual([]);
    const needless = Object.keys(MAY_SEND).filter((name) => !(many.get(name)!.statements > MOST_STATEMENTS));
    expect(needless).toEqual([]);
  });
});
