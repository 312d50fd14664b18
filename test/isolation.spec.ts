import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Lease } from '../src/platform/database/lease.ts';
import { TenantHomes } from '../src/platform/database/tenant-homes.ts';
import { TenantContexts } from '../src/platform/tenancy/tenant-contexts.ts';
import { CASES, requestOf, type Case } from './isolation/cases.ts';
import {
  ignoredVectors,
  keepsakeVectors,
  keyVectors,
  secretVectors,
  strangeTokenVectors,
} from './isolation/credential-vectors.ts';
import { send, shapeOf } from './isolation/probes.ts';
import {
  bodyVectors,
  conditionVectors,
  cursorVectors,
  filterVectors,
  moveVectors,
  pathVectors,
  queryVectors,
} from './isolation/record-vectors.ts';
import { routesOf, type Route } from './isolation/routes.ts';
import { idsIn, stateOf } from './isolation/state.ts';
import { addressVectors, tokenVectors } from './isolation/stranger-vectors.ts';
import { demandSuccess, Trial, type Theirs } from './isolation/trials.ts';
import { leavesOf, type Parties, type Vector } from './isolation/vectors.ts';
import { World } from './isolation/worlds.ts';
import { startApp } from './support/app.ts';
import { enrolOperator } from './support/operator.ts';

/**
 * Every route of the running server against every way to reach into another tenant. Each probe first succeeds with
 * what is one's own; then one thing is swapped for the other tenant's, and the answer must be the one that a thing
 * nobody has gets: same status, same headers, same words. Nothing of the other tenant may be in it, and nothing that
 * either of them has stored may have changed.
 */

// One home, so that both tenants take turns on the same connections; no worker, so that nothing moves by itself.
// Tokens that outlive the run: what expires is told elsewhere.
const app = await startApp({
  settings: {
    WORKER: 'false',
    TENANT_HOMES: '1',
    TENANT_CONNECTIONS: '4',
    ACCESS_TOKEN_SECONDS: '3600',
    MAIL_CATCH: 'true',
  },
});
const { routes: served, strays } = routesOf(app);
/** Operators belong to no tenant, and test/platform/access.spec.ts keeps tenants out of what is theirs. */
const routes = served.filter((route) => !route.path.startsWith('/api/v1/platform/'));
let mine: World;
let other: World;
let parties: Parties;
beforeAll(async () => {
  mine = await World.make(app);
  other = await World.make(app, { remote: true });
  parties = { mine, other, third: await World.make(app), operator: await enrolOperator(app) };
});
const tally = { routes: 0, probes: 0, refused: 0, failed: 0, sawOwn: 0 };

afterAll(async () => {
  const { probes, refused, failed } = tally;
  process.stdout.write(
    `isolation: ${probes} probes over ${tally.routes} routes, ${refused} refused, ${failed} routes failed\n`,
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
      const { problems, probes, refused, sawOwn } = await new Trial(parties, route, CASES[route.name]!, theirs).run(
        vectors,
      );
      tally.routes += 1;
      tally.probes += probes;
      tally.refused += refused;
      tally.sawOwn += sawOwn;
      if (problems.length > 0) tally.failed += 1;
      expect(problems).toEqual([]);
    }, 180_000);
  });

  it('made enough probes to mean something', () => {
    expect(tally.routes).toBe(routes.length);
    expect(tally.probes).toBeGreaterThan(5_000);
    expect(tally.refused).toBeGreaterThan(3_500);
    // Or the canaries would be in no answer at all, and looking for theirs would find nothing.
    expect(tally.sawOwn).toBeGreaterThan(1_000);
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

/** Lets the other tenant make the call for itself, so that what is swapped in is alive; from then on it only watches. */
async function prepare(route: Route, known: Case): Promise<{ vectors: Vector[]; theirs: Theirs }> {
  for (const world of [mine, other]) await world.credentials.renew();
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
          ...queryVectors(own, foreign),
          ...moveVectors(own, foreign),
          ...filterVectors(route, parties),
          ...(await cursorVectors(route, own, foreign, parties)),
          ...conditionVectors(route, foreign),
          ...addressVectors(route, parties),
          ...(await tokenVectors(route, parties)),
          ...(await strangeTokenVectors(route, parties)),
          ...keyVectors(route, parties),
          ...secretVectors(route, own, foreign, parties),
          ...keepsakeVectors(own, foreign),
        ];
  // Entries of a list are of one shape, and may fill different parts of it.
  const filled = [...leavesOf(own.body).keys()].map((path) => path.replaceAll(/\.\d+(?=\.|$)/g, '.0'));
  expect(filled).toEqual(expect.arrayContaining(route.bodyIds));
  expect(Object.keys(own.params)).toEqual([...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name));
  expect(vectors.length).toBeGreaterThanOrEqual(FEWEST);
  const [ids, state] = await Promise.all([idsIn(app.owner, other.schema), stateOf(app.owner, [other.schema])]);
  return { vectors, theirs: { secrets: other.secrets, ids, state } };
}
