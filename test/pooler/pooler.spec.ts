import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { Lease, type TenantBinding } from '../../src/platform/database/lease.ts';
import { SchemaManager } from '../../src/platform/database/schema-manager.ts';
import { TenantDataSources } from '../../src/platform/database/tenant-data-sources.ts';
import { TenantHomes } from '../../src/platform/database/tenant-homes.ts';
import { loadConfig } from '../../src/platform/config/config.ts';
import { databaseProblem } from '../../src/platform/database/database-problem.ts';
import { News } from '../../src/platform/cache/news.ts';
import { Jobs } from '../../src/platform/jobs/jobs.ts';
import { defineJob } from '../../src/platform/jobs/job.ts';
import { Performs } from '../../src/platform/jobs/performs.ts';
import { startApp, TEST_KEY, type TestApp } from '../support/app.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { expectStatus } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { hasPgBouncer, SERVER_CONNECTIONS, startPgBouncer, type TestPooler } from '../support/pgbouncer.ts';
import { signUp } from '../support/tenant.ts';

const TENANTS = 50;
const HOMES = 2;
const FOREIGN = '42501';
const NO_SUCH_ROLE = '22023';

const greet = defineJob<{ name: string }, string>({ name: 'greet' });

class GreetingJobs {
  @Performs(greet)
  async greet({ name }: { name: string }): Promise<string> {
    return `Hello ${name}`;
  }
}

let database: TestDatabase;
let pooler: TestPooler;
let app: TestApp;
let bindings: TenantBinding[];
beforeAll(async () => {
  if (!hasPgBouncer) return;
  database = await createDatabase();
  pooler = await startPgBouncer(database);
  app = await startApp({
    database,
    providers: [GreetingJobs],
    settings: {
      DATABASE_POOLER_URL: pooler.url,
      TENANT_HOMES: String(HOMES),
      TENANT_CONNECTIONS: '16',
      READY_POOL_SIZE: '0',
    },
  });
  bindings = [];
  while (bindings.length < TENANTS) bindings.push(await marked(app));
}, 60_000);
afterAll(async () => {
  if (!hasPgBouncer) return;
  await app.stop();
  await pooler.stop();
  await database.drop();
});

/** A tenant's schema with one row that says whose it is. */
async function marked({ nest, owner }: TestApp): Promise<TenantBinding> {
  const binding = await nest.get(SchemaManager).provision();
  await owner.query(
    `CREATE TABLE "${binding.schema}".marks AS SELECT '${binding.schema}'::text AS mark;
     GRANT SELECT ON "${binding.schema}".marks TO "${binding.role}"`,
  );
  return binding;
}

interface Seen {
  mark: string;
  role: string;
}

/** Who a statement of this tenant is on the server, and whose row it reads. */
async function look(binding: TenantBinding): Promise<Seen> {
  const handle = await app.nest.get(TenantDataSources).get(binding);
  const [seen] = await handle.query<Seen[]>(`SELECT mark, current_user AS role FROM "@tenant".marks`);
  return seen!;
}

const own = ({ schema, role }: TenantBinding) => ({ mark: schema, role });
const pick = <T>(from: T[]): T => from[Math.floor(Math.random() * from.length)]!;

/** A connection of the tenant's home, past the lease and the guard. */
async function bare<T>(binding: TenantBinding, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const { client, giveBack } = await app.nest.get(TenantHomes).borrow(binding);
  try {
    return await work(client);
  } finally {
    giveBack(true);
  }
}

async function code(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => 'served',
    (error: pg.DatabaseError) => error.code ?? error.message,
  );
}

/** Backends of the server that serve our logins by way of the pooler. */
async function backends(): Promise<{ login: string; count: number }[]> {
  const { rows } = await app.owner.query<{ login: string; count: number }>(
    `SELECT usename AS login, count(*)::int AS count FROM pg_stat_activity
      WHERE datname = current_database() AND usename LIKE 'pf\\_%' AND application_name <> 'projectflow listen' GROUP BY usename`,
  );
  return rows;
}

(hasPgBouncer ? describe : describe.skip)('behind a PgBouncer (apt-get install pgbouncer)', () => {
  it('an organisation signs up and works', async () => {
    const acme = await signUp(app);
    const mia = await acme.join('Mia', 'member');
    const project = await acme.project('A project', [[mia, 'member']]);
    const task = await acme.task(project.id, { assigneeId: mia.id });
    expectStatus(await mia.put(`/tasks/${task.id}/status`, { status: 'done' }), 200);
    // Heard by way of the outbox.
    const open = await acme.task(project.id, { assigneeId: mia.id });
    expectStatus(await acme.owner.patch(`/users/${mia.id}`, { active: false }), 200);
    await eventually(async () => expect((await acme.owner.get(`/tasks/${open.id}`)).data.assigneeId).toBeNull());
  });

  it('jobs are performed, and news heard on a connection past the pooler', async () => {
    const jobs = app.nest.get(Jobs);
    const id = await jobs.send(greet, { name: 'Ada' });
    await eventually(async () =>
      expect(await jobs.find(id, null)).toMatchObject({ state: 'done', result: 'Hello Ada' }),
    );
    await eventually(async () => expect(app.nest.get(News).isComplete).toBe(true));
  });

  it('nobody reads a foreign row or has a foreign role, however many share a backend', async () => {
    const asked = Array.from({ length: 2_000 }, () => pick(bindings));
    for (let from = 0; from < asked.length; from += 40) {
      const some = asked.slice(from, from + 40);
      expect(await Promise.all(some.map(look))).toEqual(some.map(own));
    }
    const shared = await backends();
    expect(shared.filter(({ login }) => login.includes('_home_'))).toHaveLength(HOMES);
    for (const { count } of shared) expect(count).toBeLessThanOrEqual(SERVER_CONNECTIONS);
  });

  it('nor when backends are killed in between', async () => {
    let killed = 0;
    let served = 0;
    let over = false;
    const killing = (async () => {
      while (!over) {
        const { rowCount } = await app.owner.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE 'pf\\_%\\_home\\_%'`,
        );
        killed += rowCount ?? 0;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    try {
      for (let round = 0; round < 40; round += 1) {
        const some = Array.from({ length: 20 }, () => pick(bindings));
        const answers = await Promise.allSettled(some.map(look));
        answers.forEach((answer, i) => {
          if (answer.status === 'fulfilled') {
            served += 1;
            expect(answer.value).toEqual(own(some[i]!));
          } else expect(databaseProblem(answer.reason)?.code).toBe('database_busy');
        });
      }
    } finally {
      over = true;
      await killing;
    }
    expect(killed).toBeGreaterThan(10);
    expect(served).toBeGreaterThan(100);
    await eventually(async () => expect(await Promise.all(bindings.map(look))).toEqual(bindings.map(own)));
  });

  it('a bind that fails, or a transaction that was left open, is nothing for the next one', async () => {
    const [victim] = bindings;
    const neighbours = bindings.filter(({ home }) => home === victim!.home);
    for (let round = 0; round < 20; round += 1) {
      await bare(victim!, async (client) => {
        await client.query(`BEGIN; SET LOCAL ROLE "${victim!.role}"`);
        await client.query(`SELECT mark FROM "${victim!.schema}".marks`);
      });
      const lost = new Lease({ ...victim!, role: 'nobody_at_all' }, () => app.nest.get(TenantHomes).borrow(victim!));
      expect(await code(lost.query(`SELECT mark FROM "@tenant".marks`))).toBe(NO_SUCH_ROLE);
      lost.release();
      const some = neighbours.slice(round, round + 4);
      expect(await Promise.all(some.map(look))).toEqual(some.map(own));
    }
  });

  it('every foreign statement is refused by the database', async () => {
    const refused: string[] = [];
    for (const binding of bindings) {
      const foreign = pick(bindings.filter(({ schema }) => schema !== binding.schema));
      const elsewhere = pick(bindings.filter(({ home }) => home !== binding.home));
      const reading = `SELECT mark FROM "${foreign.schema}".marks`;
      await bare(binding, async (client) => {
        refused.push(await code(client.query(reading)));
        refused.push(await code(client.query(`BEGIN; SET LOCAL ROLE "${binding.role}"; ${reading}`)));
        await client.query('ROLLBACK');
        refused.push(await code(client.query(`BEGIN; SET LOCAL ROLE "${elsewhere.role}"`)));
        await client.query('ROLLBACK');
        // The bind of a transaction that is over does not serve the next one.
        await client.query(`BEGIN; SET LOCAL ROLE "${binding.role}"; COMMIT`);
        refused.push(await code(client.query(`SELECT mark FROM "${binding.schema}".marks`)));
        refused.push(await code(client.query('SELECT key FROM public.system_settings')));
        refused.push(await code(client.query('SELECT id FROM jobs.job')));
      });
    }
    expect(refused).toHaveLength(6 * TENANTS);
    expect([...new Set(refused)]).toEqual([FOREIGN]);
  });

  it('the limits of each login hold', async () => {
    await bare(bindings[0]!, async (client) => {
      const { rows } = await client.query(
        `SELECT current_setting('search_path') AS path, current_setting('statement_timeout') AS timeout`,
      );
      expect(rows).toEqual([{ path: 'extensions', timeout: '5s' }]);
    });
  });
});

describe('DATABASE_POOLER_URL', () => {
  const settings = {
    DATABASE_URL: 'postgres://owner:secret@db:5432/projectflow',
    DATABASE_POOLER_URL: 'postgres://pooler:6432/projectflow',
    ENCRYPTION_KEY: TEST_KEY,
  };

  it('names a pooler in front of DATABASE_URL', () => {
    expect(loadConfig(settings).DATABASE_POOLER_URL).toBe(settings.DATABASE_POOLER_URL);
  });

  it.each([
    ['has a login', { DATABASE_POOLER_URL: 'postgres://me@pooler:6432/projectflow' }, /names a login/],
    ['is no address of a database', { DATABASE_POOLER_URL: 'pooler:6432' }, /must look like/],
    ['stands alone', { DATABASE_URL: '' }, /needs DATABASE_URL/],
    ['would serve with the owner', { TENANT_ROLES: 'off' }, /needs DATABASE_APP_URL/],
  ])('is refused when it %s', (_, changes, sentence) => {
    expect(() => loadConfig({ ...settings, ...changes })).toThrow(sentence);
  });
});
