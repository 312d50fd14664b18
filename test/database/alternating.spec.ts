import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { databaseProblem } from '../../src/platform/database/database-problem.ts';
import { startEngine, type Engine, type EngineTenant } from '../support/engine.ts';
import { Author, library, libraryMigrations } from './library.ts';

const TENANTS = 50;
const STEPS = 4_000;
/** How many requests want the one connection at the same time. */
const CALLERS = 4;
const ROWS = 3;

interface Canary {
  name: string;
}

let engine: Engine;
let tenants: EngineTenant[];
/** Schema and backend of every bind, in the order of the wire. */
const binds: { schema: string; pid: number }[] = [];

beforeAll(async () => {
  engine = await startEngine({
    entities: library,
    migrations: libraryMigrations,
    home: { size: 1, patience: 20_000 },
    onStatement: (text, pid, binding) => {
      if (text.includes('SET LOCAL ROLE')) binds.push({ schema: binding.schema, pid });
    },
  });
  const login = engine.prepared.homeLogin(0);
  await engine.owner.query(`ALTER ROLE "${login}" IN DATABASE ${engine.database.name} SET statement_timeout = '60ms'`);
  tenants = await engine.tenants(TENANTS);
  for (const { binding } of tenants) {
    await engine.owner.query(
      `INSERT INTO "${binding.schema}".authors (name) SELECT $1 || ' ' || n FROM generate_series(1, $2::int) n`,
      [canaryOf(binding.schema), ROWS],
    );
  }
});
afterAll(() => engine.stop());

/** In every row of the tenant and in nobody else's. Not the schema's name: the guard refuses statements that hold one. */
function canaryOf(schema: string): string {
  return `canary of ${schema.slice(2)}`;
}

/** The same numbers in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Visit = (tenant: EngineTenant) => Promise<Canary[]>;

const READS: Visit[] = [
  ({ database }) => database.manager.find(Author, { order: { name: 'ASC' } }),
  ({ database }) => database.query('SELECT name FROM "@tenant".authors ORDER BY name'),
  ({ database }) => database.createQueryBuilder(Author, 'author').orderBy('author.name').getMany(),
  ({ database }) =>
    database.transaction(async (tx) => {
      const before = await tx.find(Author, { order: { name: 'ASC' } });
      const after = await tx.query<Canary[]>('SELECT name FROM "@tenant".authors ORDER BY name');
      expect(after).toEqual(before.map(({ name }) => ({ name })));
      return before;
    }),
  ({ database, binding }) =>
    database.transaction(async (tx) => {
      await tx.insert(Author, { name: canaryOf(binding.schema) });
      await tx.delete(Author, { name: canaryOf(binding.schema) });
      return tx.find(Author, { order: { name: 'ASC' } });
    }),
];

/** What goes wrong between the reads. Each leaves the connection in another state. */
const TROUBLES: Visit[] = [
  ({ database }) => database.query('SELECT 1 / 0'),
  ({ database }) => database.query('SELEC nonsense'),
  ({ database }) => database.query('SELECT $1::json', ['{']),
  ({ database }) => database.query('SELECT * FROM "@tenant".no_such_table'),
  ({ database }) => database.query('SET ROLE none'),
  ({ database }) => database.transaction((tx) => tx.query('SELECT 1 / 0')),
  ({ database }) =>
    database.transaction(async (tx) => {
      await tx.update(Author, {}, { name: 'never committed' });
      await Promise.all([tx.query('SELECT 1 / 0'), tx.query('SELECT name FROM "@tenant".authors')]);
      return [];
    }),
  ({ database }) =>
    database.transaction(async (tx) => {
      await tx.update(Author, {}, { name: 'never committed' });
      throw new Error('the caller gave up');
    }),
  async ({ database }) => {
    const runner = database.createQueryRunner();
    try {
      await runner.startTransaction();
      await runner.query(`UPDATE "@tenant".authors SET name = 'never committed'`);
      throw new Error('released with an open transaction');
    } finally {
      await runner.release();
    }
  },
];

const SLOW: Visit[] = [
  ({ database }) => database.query('SELECT pg_sleep(5)'),
  ({ database }) => database.transaction((tx) => tx.query('SELECT pg_sleep(5)')),
];

/** Ends the backend that works for the tenants, whatever it is doing. */
const kill = () =>
  engine.owner.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [
    engine.prepared.homeLogin(0),
  ]);

describe('fifty tenants on one connection', () => {
  const rowsOf = new Map<string, string[]>();
  let reads = 0;
  let troubles = 0;
  let timeouts = 0;
  let lost = 0;

  /** Gives the tenant's own rows or an error, whatever happened before it on the connection. */
  async function read(tenant: EngineTenant, visit: Visit): Promise<void> {
    const rows = await visit(tenant).catch((error: Error) => {
      if (!databaseProblem(error)) throw error;
      lost += 1;
      return null;
    });
    if (rows === null) return;
    reads += 1;
    expect(rows.map((row) => row.name)).toEqual(rowsOf.get(tenant.binding.schema));
  }

  beforeAll(async () => {
    for (const { binding } of tenants) {
      rowsOf.set(
        binding.schema,
        Array.from({ length: ROWS }, (_, i) => `${canaryOf(binding.schema)} ${i + 1}`),
      );
    }
    const random = randomNumbers(7);
    let step = 0;
    const caller = async (): Promise<void> => {
      while (step < STEPS) {
        step += 1;
        const now = step;
        const tenant = tenants[random(TENANTS)]!;
        if (now % 100 === 0) {
          const failure = await SLOW[random(SLOW.length)]!(tenant).catch((error: unknown) => error);
          expect(databaseProblem(failure)).toMatchObject({ kind: 'unavailable' });
          timeouts += 1;
        } else if (now % 50 === 25) {
          await Promise.all([read(tenant, READS[random(READS.length)]!), kill()]);
        } else if (random(5) === 0) {
          await expect(TROUBLES[random(TROUBLES.length)]!(tenant)).rejects.toThrow();
          troubles += 1;
        } else {
          await read(tenant, READS[random(READS.length)]!);
        }
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
  }, 120_000);

  it('each read their own rows, through every kind of read', () => {
    expect(reads).toBeGreaterThan(2_800);
    expect(lost).toBeLessThan(STEPS / 20);
  });

  it('switched more than three thousand times, through errors, timeouts and killed backends', () => {
    const switches = binds.filter(({ schema, pid }, i) => binds[i - 1]?.pid === pid && binds[i - 1]?.schema !== schema);
    expect(switches.length).toBeGreaterThan(3_000);
    expect(troubles).toBeGreaterThan(500);
    expect(timeouts).toBe(STEPS / 100);
    expect(new Set(binds.map(({ pid }) => pid)).size).toBeGreaterThan(20);
  });

  it('never had more than the one connection', () => {
    expect(engine.homes.stats()).toMatchObject({ waiting: 0 });
    expect(engine.homes.stats().total).toBeLessThanOrEqual(1);
  });

  it('left everybody with the rows they had', async () => {
    for (const { binding } of tenants) {
      const { rows } = await engine.owner.query<Canary>(`SELECT name FROM "${binding.schema}".authors ORDER BY name`);
      expect(rows.map((row) => row.name)).toEqual(rowsOf.get(binding.schema));
    }
  });
});
