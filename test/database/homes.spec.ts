import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import pino from 'pino';
import type pg from 'pg';
import { databaseProblem } from '../../src/platform/database/database-problem.ts';
import { DatabaseBusy } from '../../src/platform/database/database.errors.ts';
import { TenantHomes } from '../../src/platform/database/tenant-homes.ts';
import { startEngine, type Engine, type EngineOptions, type EngineTenant } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { libraryMigrations } from './library.ts';

let engine: Engine;
afterEach(() => engine.stop());

async function start(home: EngineOptions['home'], tenants: number): Promise<EngineTenant[]> {
  engine = await startEngine({ migrations: libraryMigrations.slice(0, 1), home });
  return engine.tenants(tenants);
}

const sleep = ({ database }: EngineTenant, seconds: number) => database.query(`SELECT pg_sleep(${seconds})`);
/** Until that many statements have reached the server. */
const whenAsleep = (count: number) =>
  eventually(async () => {
    const { rowCount } = await engine.owner.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`,
    );
    expect(rowCount).toBe(count);
  });
const ask = ({ database }: EngineTenant) => database.query<{ one: number }[]>('SELECT 1 AS one');

/** What the callers hear: TypeORM's wrapper taken off, as the filter of errors does. */
async function problems(work: Promise<unknown>[]): Promise<unknown[]> {
  const outcomes = await Promise.allSettled(work);
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [databaseProblem(outcome.reason)] : []));
}

const BUSY = { kind: 'unavailable', code: 'database_busy', retryAfter: 1 };

describe('a tenant that wants more than its home has', () => {
  it('does not stop its neighbour', async () => {
    const [greedy, neighbour] = (await start({ size: 4, patience: 30_000 }, 2)) as [EngineTenant, EngineTenant];
    let done = 0;
    const flood = Array.from({ length: 60 }, () => sleep(greedy, 0.05).then(() => (done += 1)));
    await eventually(async () => expect(engine.homes.stats().waiting).toBeGreaterThan(40));
    for (let turn = 0; turn < 10; turn += 1) expect(await ask(neighbour)).toEqual([{ one: 1 }]);
    // The neighbour was through before the flood, on connections that the flood could not take.
    expect(done).toBeLessThan(60);
    expect(engine.homes.stats().total).toBe(4);
    await Promise.all(flood);
    expect(done).toBe(60);
    expect(engine.homes.stats().waiting).toBe(0);
  });

  it('hears "busy" at once when too many of its statements are waiting', async () => {
    const [greedy, neighbour] = (await start({ size: 4, queue: 5, patience: 10_000 }, 2)) as [
      EngineTenant,
      EngineTenant,
    ];
    // Three run (the home less one), five wait.
    const flood = Array.from({ length: 20 }, () => sleep(greedy, 0.2));
    const busy = problems(flood.slice(8));
    expect(await Promise.race([busy, Promise.all(flood.slice(0, 3))])).toEqual(
      Array(12).fill(expect.any(DatabaseBusy)),
    );
    for (const problem of await busy) {
      expect(problem).toMatchObject({
        ...BUSY,
        message: 'Too many requests of this organisation are waiting for the database.',
      });
    }
    expect(await ask(neighbour)).toEqual([{ one: 1 }]);
    expect(await problems(flood.slice(0, 8))).toEqual([]);
    expect(await ask(greedy)).toEqual([{ one: 1 }]);
  });

  it('hears "busy" when it waited too long', async () => {
    const [greedy] = (await start({ size: 2, patience: 500 }, 1)) as [EngineTenant];
    const [first, ...others] = Array.from({ length: 4 }, () => sleep(greedy, 1.2));
    const waited = await problems(others);
    expect(waited).toHaveLength(3);
    for (const problem of waited)
      expect(problem).toMatchObject({ ...BUSY, message: 'The database did not become free in time.' });
    expect(engine.homes.stats().waiting).toBe(0);
    await first;
    expect(await ask(greedy)).toEqual([{ one: 1 }]);
  });

  it('gets its places back from statements that failed', async () => {
    const [tenant] = (await start({ size: 2, patience: 5_000 }, 1)) as [EngineTenant];
    const failing = Array.from({ length: 100 }, (_, i) =>
      i % 2 ? tenant.database.query('SELECT 1 / 0') : tenant.database.transaction((tx) => tx.query('SELECT 1 / 0')),
    );
    const outcomes = await Promise.allSettled(failing);
    expect(new Set(outcomes.map((each) => (each.status === 'rejected' ? (each.reason as Error).message : '')))).toEqual(
      new Set(['division by zero']),
    );
    expect(await ask(tenant)).toEqual([{ one: 1 }]);
    expect(engine.homes.stats()).toMatchObject({ waiting: 0, total: 1, idle: 1 });
  });
});

describe('a home', () => {
  it('whose connections are all taken by several tenants says "busy" to one more after its patience', async () => {
    const tenants = await start({ size: 4, patience: 500 }, 3);
    const [one, other, third] = tenants as [EngineTenant, EngineTenant, EngineTenant];
    const taken = [one, one, other, other].map((tenant) => sleep(tenant, 1.5));
    await whenAsleep(4);
    expect(await problems([ask(third)])).toEqual([
      expect.objectContaining({ ...BUSY, message: 'The database has no free connection at the moment.' }),
    ]);
    await Promise.all(taken);
    expect(await ask(third)).toEqual([{ one: 1 }]);
  });

  it('that is jammed leaves the tenants of another home alone', async () => {
    engine = await startEngine({
      migrations: libraryMigrations.slice(0, 1),
      homes: 2,
      home: { size: 1, patience: 500 },
    });
    const tenants = await engine.tenants(12);
    const jammed = tenants.find(({ binding }) => binding.home === 0)!;
    const free = tenants.filter(({ binding }) => binding.home === 1);
    expect(free.length).toBeGreaterThan(0);
    const jam = sleep(jammed, 1.2);
    expect(await problems([ask(jammed)])).toEqual([expect.objectContaining(BUSY)]);
    for (const tenant of free) expect(await ask(tenant)).toEqual([{ one: 1 }]);
    await jam;
  });

  it('whose server cannot be reached says "busy"', async () => {
    const [tenant] = (await start({ size: 2 }, 1)) as [EngineTenant];
    const unreachable = new TenantHomes(
      { login: () => ({ host: '127.0.0.1', port: 1 }), size: 2 },
      pino({ level: 'silent' }),
    );
    const error: unknown = await unreachable.borrow(tenant.binding).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DatabaseBusy);
    expect(error).toMatchObject({ ...BUSY, cause: expect.objectContaining({ code: 'ECONNREFUSED' }) });
    expect(unreachable.stats()).toEqual({ total: 0, idle: 0, waiting: 0 });
    await unreachable.close();
  });

  it('whose login has no free connection on the server says "busy"', async () => {
    const [tenant, neighbour] = (await start({ size: 3 }, 2)) as [EngineTenant, EngineTenant];
    const login = engine.prepared.homeLogin(0);
    await engine.owner.query(`ALTER ROLE "${login}" CONNECTION LIMIT 1`);
    const taken = sleep(tenant, 0.5);
    await whenAsleep(1);
    expect(await problems([ask(neighbour)])).toEqual([expect.objectContaining(BUSY)]);
    await taken;
    expect(await ask(neighbour)).toEqual([{ one: 1 }]);
  });

  it('of one connection serves its tenants in turns, however many of one are waiting', async () => {
    const [greedy, neighbour] = (await start({ size: 1, patience: 30_000 }, 2)) as [EngineTenant, EngineTenant];
    const order: string[] = [];
    const flood = Array.from({ length: 10 }, () => sleep(greedy, 0.02).then(() => order.push('greedy')));
    await eventually(async () => expect(engine.homes.stats().waiting).toBe(9));
    const asked = [ask(neighbour), ask(neighbour)].map((one) => one.then(() => order.push('neighbour')));
    await Promise.all([...flood, ...asked]);
    // One of the greedy one's runs already, and one more has its turn before the neighbour's first and second.
    expect(order.slice(0, 5).filter((who) => who === 'neighbour')).toHaveLength(2);
    expect(order).toHaveLength(12);
  });

  it('lets nobody wait longer than its patience, for the place and for the connection together', async () => {
    const silent = createServer();
    const sockets: Socket[] = [];
    silent.on('connection', (socket) => sockets.push(socket));
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const [tenant] = (await start({ size: 2 }, 1)) as [EngineTenant];
    const unanswered = new TenantHomes(
      { login: () => ({ host: '127.0.0.1', port }), size: 1, patience: 300 },
      pino({ level: 'silent' }),
    );
    const outcomes = await Promise.allSettled([unanswered.borrow(tenant.binding), unanswered.borrow(tenant.binding)]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: expect.any(DatabaseBusy) });
    // The second waited for the place of the first, and had no time left to try for itself.
    await unanswered.close();
    expect(sockets.length).toBeLessThanOrEqual(2);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});

describe('the homes of a cluster', () => {
  const opened: string[] = [];
  function clusters(open: (cluster: string) => Promise<pg.PoolConfig>): TenantHomes {
    opened.length = 0;
    const login = (cluster: string, home: number) => {
      opened.push(`${cluster} ${home}`);
      return cluster === 'main' ? { connectionString: engine.prepared.homeUrl(home) } : open(cluster);
    };
    return new TenantHomes({ login, size: 2 }, pino({ level: 'silent' }));
  }
  const backendOf = async (homes: TenantHomes, { binding }: EngineTenant, cluster: string) => {
    const { client, giveBack } = await homes.borrow({ ...binding, cluster });
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    giveBack(false);
    return rows[0]!.pid;
  };

  it('are others than those of another cluster, and opened once for all who ask meanwhile', async () => {
    const [tenant] = (await start({ size: 2 }, 1)) as [EngineTenant];
    const homes = clusters(async () => ({ connectionString: engine.prepared.homeUrl(0) }));
    const [main, ...far] = await Promise.all([
      backendOf(homes, tenant, 'main'),
      backendOf(homes, tenant, 'far'),
      backendOf(homes, tenant, 'far'),
    ]);
    expect(far).not.toContain(main);
    expect(opened).toEqual(['main 0', 'far 0']);
    expect(homes.stats()).toEqual({ total: 2, idle: 2, waiting: 0 });
    await homes.close();
    expect(homes.stats()).toEqual({ total: 0, idle: 0, waiting: 0 });
  });

  it('are asked for again when the cluster could not be opened', async () => {
    const [tenant] = (await start({ size: 2 }, 1)) as [EngineTenant];
    let failing = true;
    const homes = clusters(async () => {
      if (failing) throw new Error('the cluster is not known');
      return { connectionString: engine.prepared.homeUrl(0) };
    });
    await expect(homes.borrow({ ...tenant.binding, cluster: 'far' })).rejects.toThrow('the cluster is not known');
    failing = false;
    expect(await backendOf(homes, tenant, 'far')).toBeGreaterThan(0);
    expect(opened).toEqual(['far 0', 'far 0']);
    await homes.close();
  });

  it('can be closed alone and open again, until all are closed for good', async () => {
    const [tenant] = (await start({ size: 2 }, 1)) as [EngineTenant];
    const homes = clusters(async () => ({ connectionString: engine.prepared.homeUrl(0) }));
    const main = await backendOf(homes, tenant, 'main');
    const far = await backendOf(homes, tenant, 'far');
    await homes.close('far');
    expect(homes.stats()).toEqual({ total: 1, idle: 1, waiting: 0 });
    expect(await backendOf(homes, tenant, 'main')).toBe(main);
    expect(await backendOf(homes, tenant, 'far')).not.toBe(far);
    await homes.close();
    await expect(homes.borrow(tenant.binding)).rejects.toThrow(DatabaseBusy);
  });

  it('that are being closed wait for what was lent and turn away who waits', async () => {
    const [tenant] = (await start({ size: 1 }, 1)) as [EngineTenant];
    const homes = clusters(async () => ({}));
    const { client, giveBack } = await homes.borrow(tenant.binding);
    const waiting = homes.borrow(tenant.binding);
    const second = homes.borrow(tenant.binding);
    const refused = Promise.allSettled([waiting, second]);
    const closing = homes.close();
    for (const outcome of await refused) expect(outcome).toMatchObject({ reason: expect.any(DatabaseBusy) });
    expect((await client.query<{ one: number }>('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    giveBack(false);
    await closing;
    await expect(client.query('SELECT 1')).rejects.toThrow();
  });
});
