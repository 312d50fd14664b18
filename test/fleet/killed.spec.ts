import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FleetService } from '../../src/fleet/fleet.service.ts';
import type { FleetOptions } from '../../src/fleet/fleet.types.ts';
import { RUN_LOCKS } from '../../src/fleet/fleet.queries.ts';
import { fingerprints } from '../../src/platform/database/schema-fingerprint.ts';
import type { Tenant } from '../../src/platform/tenancy/tenant.types.ts';
import { startApp, TEST_KEY, type TestApp } from '../support/app.ts';
import { bareTenants } from '../support/bare-tenants.ts';
import { eventually } from '../support/eventually.ts';
import { nextRelease, NEXT, PRODUCT, WRITTEN } from './releases.ts';

const MIGRATOR = fileURLToPath(new URL('doomed-migrator.ts', import.meta.url));
const KILLS = 20;
const TENANTS = 6;
const RUN = { concurrency: 2, maxFailures: 20, maxLag: 10 };

interface Migrator {
  child: ChildProcessByStdio<Writable, Readable, null>;
  ended: Promise<unknown>;
}

let app: TestApp;
let fleet: FleetService;
let tenants: Tenant[];
beforeAll(async () => {
  const settings = { READY_POOL_SIZE: '0', WORKER: 'false' };
  app = await startApp({ settings, tenantMigrations: nextRelease });
  fleet = app.nest.get(FleetService);
  tenants = await bareTenants(app, TENANTS);
});
afterAll(() => app.stop());

/** Up and waiting for its order. */
async function startMigrator(): Promise<Migrator> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MIGRATOR], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, DATABASE_URL: app.database.url, ENCRYPTION_KEY: TEST_KEY },
  });
  // From the beginning: one that is done before it is killed has ended already.
  const ended = once(child, 'exit');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(line.toString()).toBe('ready\n');
  return { child, ended };
}

/** What a schema has in every respect: its objects, its ledger, what its migrations wrote down, and the registry's copy. */
async function stateOf({ id, binding: { schema } }: Tenant) {
  const client = await app.owner.connect();
  try {
    const mark = (await fingerprints(client, [schema])).get(schema)!;
    const { rows: ledger } = await client.query(`SELECT name FROM "${schema}".migrations ORDER BY "timestamp"`);
    const { rows: registry } = await client.query<{ version: number }>(
      `SELECT schema_version::float8 AS version, migration_holder, migration_error FROM public.tenants WHERE id = $1`,
      [id],
    );
    const written =
      registry[0]!.version === NEXT
        ? (await client.query(`SELECT entry FROM "${schema}".journal ORDER BY id`)).rows
        : [];
    return { mark, ledger, registry: registry[0], written };
  } finally {
    client.release();
  }
}

/** The server notices within milliseconds that a client is gone; until then its run counts as alive. */
async function noRunIsAlive(): Promise<void> {
  await eventually(async () => {
    const { rows } = await app.owner.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = $1`, [
      RUN_LOCKS,
    ]);
    expect(rows).toEqual([]);
  });
}

it(`goes on after ${KILLS} kills at random points: at once, nobody twice, and nobody differs`, async () => {
  const expected = { revert: await stateOf(tenants[0]!), migrate: await stateOf(tenants[0]!) };
  await fleet.run({ ...RUN, work: { kind: 'revert', to: PRODUCT } });
  expected.revert = await stateOf(tenants[0]!);
  expect(expected.migrate.written.map(({ entry }: { entry: string }) => entry)).toEqual(WRITTEN);
  expect(expected.revert.mark).not.toBe(expected.migrate.mark);

  const cut = { before: 0, within: 0 };
  let waiting = startMigrator();
  for (let kill = 0; kill < KILLS; kill += 1) {
    const order = kill % 2 === 0 ? 'migrate' : 'revert';
    const work: FleetOptions['work'] = order === 'migrate' ? { kind: 'migrate' } : { kind: 'revert', to: PRODUCT };
    const { child, ended } = await waiting;
    // The next one starts up meanwhile.
    waiting = startMigrator();
    child.stdin.write(`${order}\n`);
    await sleep(Math.random() * 250);
    child.kill('SIGKILL');
    await ended;
    await noRunIsAlive();
    const outcome = await fleet.run({ ...RUN, work });
    expect(outcome).toMatchObject({ failed: [], stopped: null, left: 0 });
    expect(outcome.done).toBe(outcome.total);
    if (outcome.total === TENANTS) cut.before += 1;
    else if (outcome.total > 0) cut.within += 1;
    for (const tenant of tenants) expect(await stateOf(tenant)).toEqual(expected[order]);
  }
  (await waiting).child.kill('SIGKILL');
  // Or the kills would have proved nothing.
  expect(cut.within).toBeGreaterThan(0);
}, 120_000);
