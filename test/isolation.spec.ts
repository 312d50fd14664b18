import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Lease } from '../src/platform/database/lease.ts';
import { TenantHomes } from '../src/platform/database/tenant-homes.ts';
import { TenantContexts } from '../src/platform/tenancy/tenant-contexts.ts';
import { CASES, requestOf, type Case } from './isolation/cases.ts';
import { differences, leaks, send, shapeOf, type RawAnswer } from './isolation/probes.ts';
import {
  bodyVectors,
  conditionVectors,
  cursorVectors,
  filterVectors,
  pathVectors,
} from './isolation/record-vectors.ts';
import { routesOf, type Route } from './isolation/routes.ts';
import { changes, idsIn, stateOf } from './isolation/state.ts';
import { addressVectors, ignoredVectors, refreshVectors, tokenVectors } from './isolation/stranger-vectors.ts';
import { leavesOf, type Parties, type Vector } from './isolation/vectors.ts';
import { World } from './isolation/worlds.ts';
import { startApp } from './support/app.ts';

/**
 * Every route of the running server against every way to reach into another tenant. Each probe first succeeds with
 * what is one's own; then one thing is swapped for the other tenant's, and the answer must be the one that a thing
 * nobody has gets: same status, same headers, same words. Nothing of the other tenant may be in it, and nothing that
 * either of them has stored may have changed.
 */

// One home, so that both tenants take turns on the same connections; no worker, so that nothing moves by itself.
const app = await startApp({ settings: { WORKER: 'false', TENANT_HOMES: '1', TENANT_CONNECTIONS: '4' } });
const { routes: served, strays } = routesOf(app);
/** Operators belong to no tenant, and test/platform/access.spec.ts keeps tenants out of what is theirs. */
const routes = served.filter((route) => !route.path.startsWith('/api/v1/platform/'));
let mine: World;
let other: World;
let third: World;
beforeAll(async () => {
  mine = await World.make(app);
  other = await World.make(app, { remote: true });
  third = await World.make(app);
});
const tally = { routes: 0, probes: 0, refused: 0, failed: 0, sawOwn: 0 };

afterAll(async () => {
  const { probes, refused, failed } = tally;
  process.stdout.write(
    `isolation: ${probes} probes over ${tally.routes} routes, ${refused} refused, ${failed} failed\n`,
  );
  await app.stop();
});

const FEWEST = 12;

describe('the isolation matrix', () => {
  it('has a case for every route of the server, and none for another', () => {
    expect(strays).toEqual([]);
    expect(routes.length).toBeGreaterThan(35);
    expect(Object.keys(CASES).sort()).toEqual(routes.map((route) => route.name).sort());
  });

  describe.each(routes.filter((route) => route.name in CASES))('$name', (route) => {
    it('keeps the other tenant out', async () => {
      const { vectors, theirs } = await prepare(route, CASES[route.name]!);
      const problems: string[] = [];
      for (const vector of vectors) {
        const found = await probe(route, CASES[route.name]!, vector, theirs).catch((error: unknown) => [String(error)]);
        problems.push(...found.map((problem) => `${vector.name}: ${problem}`));
        if (found.length > 0) tally.failed += 1;
      }
      tally.routes += 1;
      expect(problems).toEqual([]);
    }, 60_000);
  });

  it('made enough probes to mean something', () => {
    expect(tally.routes).toBe(routes.length);
    expect(tally.probes).toBeGreaterThan(1_000);
    expect(tally.refused).toBeGreaterThan(700);
    // Or the canaries would be in no answer at all, and looking for theirs would find nothing.
    expect(tally.sawOwn).toBeGreaterThan(500);
  });
});

describe('the database', () => {
  const contextOf = (world: World) => app.nest.get(TenantContexts).open(world.record);
  const WHO = 'SELECT current_user AS role, session_user AS login';

  it('runs every statement under the role of its own tenant, alone and in a transaction', async () => {
    for (const world of [mine, other, mine, other]) {
      const ctx = await contextOf(world);
      const [alone] = await ctx.query<{ role: string; login: string }>(WHO);
      const [inside] = await ctx.transaction((tx) => tx.query<{ role: string }>(WHO));
      expect([alone!.role, inside!.role]).toEqual([world.record.binding.role, world.record.binding.role]);
      expect(alone!.login).not.toBe(alone!.role);
    }
  });

  it('keeps nobody’s role on a connection when a statement is done', async () => {
    const ctx = await contextOf(mine);
    await ctx.query(WHO);
    await ctx.transaction((tx) => tx.query(WHO));
    const { client, giveBack } = await app.nest.get(TenantHomes).borrow(mine.record.binding);
    const { rows } = await client.query<{ role: string; login: string }>(WHO);
    giveBack(false);
    expect(rows[0]!.role).toBe(rows[0]!.login);
  });

  it.each([
    ['its schema under one’s own role', () => ({ ...mine.record.binding, schema: other.schema })],
    ['one’s own schema under its role', () => ({ ...mine.record.binding, role: other.record.binding.role })],
    ['its schema under no role', () => ({ ...other.record.binding, role: null })],
    ['one’s own schema under no role', () => ({ ...mine.record.binding, role: null })],
  ])('refuses %s', async (_, bindingOf) => {
    const binding = bindingOf();
    const lease = new Lease(binding, () => app.nest.get(TenantHomes).borrow(binding));
    await expect(lease.query('SELECT * FROM "@tenant".projects')).rejects.toMatchObject({ code: '42501' });
    lease.release();
  });
});

describe('a target in absolute form', () => {
  it('is its path, answered like any other', async () => {
    const headers: [string, string][] = [['authorization', `Bearer ${mine.owner.accessToken}`]];
    const plain = { method: 'GET', path: '/api/v1/users/me', params: {}, query: [], headers };
    const absolute = await send(app.url, { ...plain, absolute: `http://${other.slug}.localhost` });
    expect(absolute.json).toMatchObject({ data: { id: mine.owner.id } });
    expect(shapeOf(absolute, [])).toEqual(shapeOf(await send(app.url, plain), []));
    const missing = await send(app.url, { ...plain, path: '/api/v1/nothing', absolute: 'http://localhost' });
    expect(missing.json).toMatchObject({ status: 404, instance: '/api/v1/nothing' });
  });
});

interface Theirs {
  secrets: string[];
  ids: Set<string>;
  state: Awaited<ReturnType<typeof stateOf>>;
}

/** Lets the other tenant make the call for itself, so that what is swapped in is alive; from then on it only watches. */
async function prepare(route: Route, known: Case): Promise<{ vectors: Vector[]; theirs: Theirs }> {
  const parties: Parties = { mine, other, third };
  const own = await requestOf(route, known, mine);
  demandSuccess(await send(app.url, await requestOf(route, known, other)), known);
  const foreign = await requestOf(route, known, other);
  const { access } = route;
  const vectors =
    access?.kind === 'public' && access.tenant === false
      ? [...ignoredVectors(parties), ...(await bodyVectors(own, foreign, parties))]
      : [
          ...(await pathVectors(route, own, foreign, parties)),
          ...(await bodyVectors(own, foreign, parties)),
          ...filterVectors(route, parties),
          ...(await cursorVectors(route, own, foreign, parties)),
          ...conditionVectors(route, foreign),
          ...addressVectors(route, parties),
          ...(await tokenVectors(route, parties)),
          ...refreshVectors(own, foreign, parties),
        ];
  expect([...leavesOf(own.body).keys()]).toEqual(expect.arrayContaining(route.bodyIds));
  expect(Object.keys(own.params)).toEqual([...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name));
  if (known.fewer) expect(access).toMatchObject({ kind: 'public', tenant: false });
  else expect(vectors.length).toBeGreaterThanOrEqual(FEWEST);
  const [ids, state] = await Promise.all([idsIn(app.owner, other.schema), stateOf(app.owner, [other.schema])]);
  return { vectors, theirs: { secrets: other.secrets, ids, state } };
}

async function probe(route: Route, known: Case, vector: Vector, theirs: Theirs): Promise<string[]> {
  const fresh = () => requestOf(route, known, mine);
  const swapped = async (value: string) => vector.put(await fresh(), value);
  tally.probes += 1;

  const ownRequest = vector.own === undefined ? await fresh() : await swapped(vector.own);
  const own = await send(app.url, ownRequest);
  demandSuccess(own, known);
  if (own.text.includes(mine.canary)) tally.sawOwn += 1;

  const foreignRequest = await swapped(vector.foreign);
  const before = await stateOf(app.owner, [mine.schema]);
  const foreign = await send(app.url, foreignRequest);
  const after = await stateOf(app.owner, [mine.schema, other.schema]);
  const unknown = await send(app.url, await swapped(vector.unknown));

  const sent = [vector.foreign, vector.unknown].flatMap((value) => value.split(/[ ,]/));
  const problems = [
    ...leaks(own, [], theirs).map((what) => `the own call shows ${what}`),
    ...leaks(visible(foreign, known), sent, theirs).map((what) => `the answer shows ${what}`),
    ...changes(theirs.state, pick(after, theirs.state)).map((what) => `changed ${what}`),
  ];
  if (foreign.status >= 400) tally.refused += 1;
  // Whoever is sent somewhere is waited for, and comes back once, be it with what is not theirs.
  if (!known.sends && (foreign.status >= 400 || route.method === 'GET')) {
    problems.push(...changes(before, pick(after, before)).map((what) => `has no business there and changed ${what}`));
  }
  problems.push(...differences(shapeOf(foreign, sent, known.volatile), shapeOf(unknown, sent, known.volatile)));
  const { expected } = vector;
  if (expected && (foreign.status !== expected.status || foreign.json?.error?.code !== expected.code)) {
    problems.push(`answers ${foreign.status} ${foreign.text} instead of ${expected.status} ${expected.code}`);
  }
  return problems;
}

function demandSuccess(answer: RawAnswer, { sends }: Case): void {
  if (sends ? answer.status === 302 : answer.status >= 200 && answer.status < 300) return;
  throw new Error(`the own call fails with ${answer.status}: ${answer.text}`);
}

/** Without what anybody may know who names an organisation. */
function visible(answer: RawAnswer, { profile }: Case): RawAnswer {
  if (!profile || !answer.json?.data) return answer;
  const hidden = new Set(profile);
  return {
    ...answer,
    text: JSON.stringify(answer.json, (key, value: unknown) => (hidden.has(key) ? undefined : value)),
  };
}

function pick<T>(all: Record<string, T>, like: Record<string, unknown>): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => name in like));
}
