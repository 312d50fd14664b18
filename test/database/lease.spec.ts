import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { QueryFailedError, type EntityManager } from 'typeorm';
import { databaseProblem } from '../../src/platform/database/database-problem.ts';
import { LeaseOver, TransactionNotCommitted } from '../../src/platform/database/database.errors.ts';
import { Lease, type TenantBinding } from '../../src/platform/database/lease.ts';
import { startEngine, type Engine, type EngineTenant } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { Author, library, libraryMigrations } from './library.ts';

const SLEEP = 'SELECT pg_sleep(10)';
const RECYCLE_AFTER = 10;

let engine: Engine;
let tenant: EngineTenant;
/** Backends in the order in which statements were sent to them. */
const backends: number[] = [];
beforeAll(async () => {
  engine = await startEngine({
    entities: library,
    migrations: libraryMigrations,
    homes: 2,
    home: { size: 3 },
    onStatement: (_, pid) => backends.push(pid),
  });
  tenant = await engine.tenant();
});
afterAll(() => engine.stop());

const lease = (binding: TenantBinding = tenant.binding) => new Lease(binding, () => engine.borrow(binding));
const lastBackend = () => backends.at(-1)!;
const authors = () => tenant.database.manager.count(Author);

async function usedBackends(times = 8): Promise<number[]> {
  const from = backends.length;
  for (let turn = 0; turn < times; turn += 1) await tenant.database.query('SELECT 1');
  return backends.slice(from);
}

/** Ended by the server as well, with whatever it was doing. */
async function expectGone(pid: number): Promise<void> {
  expect(await usedBackends()).not.toContain(pid);
  await eventually(async () => {
    const { rowCount } = await engine.owner.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [pid]);
    expect(rowCount).toBe(0);
  });
}

/** The database's or the lease's own error, out of TypeORM's wrapper. */
async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => new Error('did not fail'),
    (thrown: unknown) => thrown,
  );
  return error instanceof QueryFailedError ? error.driverError : error;
}

describe('a connection', () => {
  it('is used again after it did its work', async () => {
    expect(new Set(await usedBackends()).size).toBe(1);
  });

  it('never comes back while its transaction is open', async () => {
    const runner = tenant.database.createQueryRunner();
    await runner.startTransaction();
    await runner.query(`INSERT INTO "@tenant".authors (name) VALUES ('Open')`);
    const pid = lastBackend();
    await runner.release();
    await expectGone(pid);
    expect(await authors()).toBe(0);
  });

  it('never comes back when its transaction was only begun', async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      await usedBackends(1);
      const runner = tenant.database.createQueryRunner();
      await runner.startTransaction();
      const pid = lastBackend();
      await runner.release();
      await expectGone(pid);
    }
  });

  it('never comes back while a statement is under way', async () => {
    const runner = tenant.database.createQueryRunner();
    const slow = runner.query('SELECT pg_sleep(0.3)').catch((error: unknown) => error);
    await eventually(async () => expect((await sleepers()).length).toBe(1));
    const [pid] = await sleepers();
    await runner.release();
    expect(await usedBackends()).not.toContain(pid);
    await slow;
    await expectGone(pid!);
  });

  it('never comes back when it is given up before its statement was answered', async () => {
    const [pid] = await usedBackends(1);
    const held = lease();
    const slow = held.query('SELECT pg_sleep(0.3)');
    held.release();
    await usedBackends(1);
    await expectGone(pid!);
    await slow;
  });

  it('never comes back when its transaction failed and was left so', async () => {
    const runner = tenant.database.createQueryRunner();
    await runner.startTransaction();
    await expect(runner.query('SELECT 1 / 0')).rejects.toThrow('division by zero');
    const pid = lastBackend();
    await runner.release();
    await expectGone(pid);
  });

  it('comes back after an error in a single statement, ready for the next', async () => {
    const [before] = await usedBackends(1);
    await expect(tenant.database.query('SELECT 1 / 0')).rejects.toThrow('division by zero');
    await expect(tenant.database.query('SELECT $1::json', ['{'])).rejects.toThrow('invalid input syntax');
    await expect(tenant.database.query('SELEC 1')).rejects.toThrow('syntax error');
    expect(new Set(await usedBackends(3))).toEqual(new Set([before]));
  });

  it('serves a statement although the one before it, of the same runner, failed', async () => {
    const runner = tenant.database.createQueryRunner();
    const answers = await Promise.allSettled(
      ['SELECT 1 / 0 AS one', 'SELECT 1 AS one'].map((text) => runner.query(text)),
    );
    await runner.release();
    expect(answers).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: [{ one: 1 }] }]);
  });

  it('is replaced when a parameter cannot be sent, and nothing else is harmed', async () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    const answers = await Promise.allSettled([
      tenant.database.query('SELECT $1::json', [loop]),
      tenant.database.query('SELECT 41 + 1 AS answer'),
    ]);
    expect(answers[0]).toMatchObject({ status: 'rejected' });
    expect(answers[1]).toEqual({ status: 'fulfilled', value: [{ answer: 42 }] });
    expect(await tenant.database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('is replaced after its number of checkouts, not all at the same one', async () => {
    const other = await startEngine({
      migrations: libraryMigrations,
      home: { size: 1, recycleAfter: RECYCLE_AFTER },
      onStatement: (_, pid) => backends.push(pid),
    });
    try {
      const { database } = await other.tenant();
      const from = backends.length;
      for (let turn = 0; turn < 30 * RECYCLE_AFTER; turn += 1) await database.query('SELECT 1');
      // Three messages a statement: the bind, the statement, COMMIT.
      const used = new Map<number, number>();
      for (const pid of backends.slice(from)) used.set(pid, (used.get(pid) ?? 0) + 1 / 3);
      const lifetimes = [...used.values()].slice(0, -1).map(Math.round);
      expect(Math.min(...lifetimes)).toBeGreaterThanOrEqual(0.8 * RECYCLE_AFTER);
      expect(Math.max(...lifetimes)).toBeLessThanOrEqual(1.2 * RECYCLE_AFTER);
      expect(new Set(lifetimes).size).toBeGreaterThan(1);
    } finally {
      await other.stop();
    }
  });
});

describe('a transaction', () => {
  it('that is rolled back leaves nothing, however late its siblings come', async () => {
    const reasons: unknown[] = [];
    for (let turn = 0; turn < 100; turn += 1) {
      const siblings: Promise<void>[] = [];
      const late = async (tx: EntityManager, ticks: number): Promise<void> => {
        for (let tick = 0; tick < ticks; tick += 1) await new Promise(setImmediate);
        await tx.insert(Author, { name: `late ${ticks}` });
      };
      const work = tenant.database.transaction(async (tx) => {
        await tx.insert(Author, { name: 'first' });
        for (let ticks = 0; ticks < 6; ticks += 1) siblings.push(late(tx, (turn % 5) * ticks));
        await Promise.all([...siblings, Promise.reject(new Error('the caller gave up'))]);
      });
      await expect(work).rejects.toThrow('the caller gave up');
      for (const sibling of await Promise.allSettled(siblings))
        if (sibling.status === 'rejected') reasons.push(sibling.reason);
    }
    expect(await authors()).toBe(0);
    // Once its runner was released, TypeORM refuses by itself.
    const byLease = reasons.filter(
      (reason) => reason instanceof QueryFailedError && reason.driverError instanceof LeaseOver,
    );
    const byRunner = reasons.filter((reason) =>
      /QueryRunnerAlreadyReleased|QueryRunnerProviderAlreadyReleased/.test(String(reason)),
    );
    expect(byLease.length).toBeGreaterThan(50);
    expect(byLease.length + byRunner.length).toBe(reasons.length);
  });

  it('leaves nothing of a statement that was on its way when the rollback came', async () => {
    for (let turn = 0; turn < 25; turn += 1) {
      const runner = tenant.database.createQueryRunner();
      await runner.startTransaction();
      const insert = runner.query(`INSERT INTO "@tenant".authors (name) VALUES ('under way')`);
      await runner.rollbackTransaction();
      await insert;
      await runner.release();
    }
    expect(await authors()).toBe(0);
  });

  it.each(['commit', 'rollback'] as const)('refuses statements once its %s has begun, and says why', async (end) => {
    const runner = tenant.database.createQueryRunner();
    await runner.startTransaction();
    await runner.query('SELECT 1');
    const ended = end === 'commit' ? runner.commitTransaction() : runner.rollbackTransaction();
    await new Promise(setImmediate);
    const reason = await failureOf(runner.query('SELECT 1'));
    expect(reason).toBeInstanceOf(LeaseOver);
    expect(String(reason)).toMatch(/transaction is over; take a new one/);
    await ended;
    expect(String(await failureOf(runner.query('SELECT 1')))).toMatch(/transaction is over/);
    expect(String(await failureOf(runner.startTransaction()))).toMatch(/transaction is over/);
    await runner.release();
  });

  it('whose error was swallowed does not pretend to have committed', async () => {
    const swallowed = tenant.database.transaction(async (tx) => {
      await tx.insert(Author, { name: 'lost' });
      await tx.query('SELECT 1 / 0').catch(() => undefined);
      return 'all is well';
    });
    const reason = await failureOf(swallowed);
    expect(reason).toBeInstanceOf(TransactionNotCommitted);
    expect(String(reason)).toMatch(/rolled back at COMMIT because a statement in it had failed/);
    expect(await authors()).toBe(0);
  });

  it('fails when a constraint that was put off is broken at COMMIT', async () => {
    const work = tenant.database.transaction(async (tx) => {
      await tx.query(`INSERT INTO "@tenant".books (id, title) VALUES (-1, 'Twice')`);
      await tx.query(`INSERT INTO "@tenant".pages (number, book_id) VALUES (1, -1), (1, -1)`);
    });
    await expect(work).rejects.toThrow('duplicate key value');
    expect(await tenant.database.query('SELECT * FROM "@tenant".books')).toEqual([]);
    await tenant.database.query(`INSERT INTO "@tenant".books (id, title) VALUES (-1, 'Once')`);
    const single = tenant.database.query(`INSERT INTO "@tenant".pages (number, book_id) VALUES (1, -1), (1, -1)`);
    await expect(single).rejects.toThrow('duplicate key value');
    expect(await tenant.database.query('SELECT * FROM "@tenant".pages')).toEqual([]);
  });

  it('fails with its own error when it cannot be begun', async () => {
    const nobody = { ...tenant.binding, role: 'nobody' };
    const begun = lease(nobody);
    const work = ['START TRANSACTION', 'SELECT 1', 'COMMIT'].map((text) => failureOf(begun.query(text)));
    const [, statement, commit] = await Promise.all(work);
    begun.release();
    for (const error of [statement, commit]) expect(String(error)).toBe('error: role "nobody" does not exist');
    expect(await tenant.database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it.each(['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'] as const)('may be %s', async (level) => {
    const isolation = await tenant.database.transaction(level, (tx) => tx.query('SHOW transaction_isolation'));
    expect(isolation).toEqual([{ transaction_isolation: level.toLowerCase() }]);
    // And the next one is as it was before.
    const next = await tenant.database.transaction((tx) => tx.query('SHOW transaction_isolation'));
    expect(next).toEqual([{ transaction_isolation: 'read committed' }]);
  });
});

describe('a lease', () => {
  it('refuses statements after its release, and a second release does nothing', async () => {
    const released = lease();
    await released.query('SELECT 1');
    released.release();
    released.release();
    const reason = await failureOf(released.query('SELECT 1'));
    expect(reason).toBeInstanceOf(LeaseOver);
    expect(String(reason)).toMatch(/was released; take a new one/);
    const runner = tenant.database.createQueryRunner();
    await runner.query('SELECT 1');
    await runner.release();
    await expect(runner.query('SELECT 1')).rejects.toThrow(/released/);
  });

  it('takes no connection before its first statement, and none for a refused one', async () => {
    const { total } = engine.homes.stats();
    const runners = Array.from({ length: 20 }, () => tenant.database.createQueryRunner());
    await Promise.all(runners.map((runner) => runner.connect()));
    for (const runner of runners)
      await expect(runner.query('SET ROLE none')).rejects.toThrow(/outlives or loosens the bind/);
    expect(engine.homes.stats()).toMatchObject({ total, waiting: 0 });
    for (const runner of runners) await runner.release();
  });

  it('keeps apart what runs on it at the same time', async () => {
    const runner = tenant.database.createQueryRunner();
    const numbers = Array.from({ length: 50 }, (_, i) => i);
    const answers = await Promise.allSettled(
      numbers.map((i) => runner.query(i % 10 === 3 ? 'SELECT 1 / 0' : `SELECT ${i} AS i, pg_backend_pid() AS pid`)),
    );
    await runner.release();
    const rows = answers.flatMap((answer) =>
      answer.status === 'fulfilled' ? (answer.value as { i: number; pid: number }[]) : [],
    );
    expect(rows.map((row) => row.i)).toEqual(numbers.filter((i) => i % 10 !== 3));
    expect(new Set(rows.map((row) => row.pid)).size).toBe(1);
  });
});

describe('a backend that is killed', () => {
  const kill = (pid: number) => engine.owner.query('SELECT pg_terminate_backend($1, 5000)', [pid]);

  it('while idle is not noticed by the next request', async () => {
    const [pid] = await usedBackends(1);
    await kill(pid!);
    await eventually(async () => expect(engine.homes.stats().idle).toBe(0));
    expect(await tenant.database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(lastBackend()).not.toBe(pid);
  });

  it.each(['a single statement', 'a transaction'])(
    'in the middle of %s fails it, and the next request works',
    async (kind) => {
      const work =
        kind === 'a transaction' ? tenant.database.transaction((tx) => tx.query(SLEEP)) : tenant.database.query(SLEEP);
      const failure = work.catch((error: unknown) => error);
      const pid = await eventually(async () => {
        const [found] = await sleepers();
        expect(found).toBeDefined();
        return found!;
      });
      await kill(pid);
      expect(databaseProblem(await failure)).toMatchObject({
        kind: 'unavailable',
        code: 'database_busy',
        retryAfter: 1,
      });
      expect(await tenant.database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await expectGone(pid);
    },
  );

  it('between two statements of a transaction fails it whole', async () => {
    const work = tenant.database.transaction(async (tx) => {
      await tx.insert(Author, { name: 'half' });
      await kill(lastBackend());
      await tx.insert(Author, { name: 'other half' });
    });
    expect(databaseProblem(await failureOf(work))).toMatchObject({ kind: 'unavailable' });
    expect(await authors()).toBe(0);
  });
});

/** Backends that are in pg_sleep. */
async function sleepers(): Promise<number[]> {
  const { rows } = await engine.owner.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`,
  );
  return rows.map((row) => row.pid);
}
