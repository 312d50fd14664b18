import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { AppError } from '../../src/platform/errors/app-error.ts';
import { defineJob, type JobReport, type JobRun } from '../../src/platform/jobs/job.ts';
import { Jobs } from '../../src/platform/jobs/jobs.ts';
import { Performs } from '../../src/platform/jobs/performs.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

interface Letter {
  to: string;
}

const sendLetter = defineJob<Letter, { sentTo: string }>({ name: 'send-letter', pauseSeconds: 1 });
const burn = defineJob<{ because: string }>({ name: 'burn', attempts: 1 });
const linger = defineJob<{ steps: number }, number>({ name: 'linger', attempts: 2, pauseSeconds: 1 });
const hang = defineJob<{ first: boolean }>({ name: 'hang', attempts: 1, timeoutSeconds: 1 });
const count = defineJob<{ number: number }>({ name: 'count', concurrency: 4 });

class PostOfficeClosed extends AppError {
  constructor() {
    super('unavailable', 'post_office_closed', 'The post office is closed.');
  }
}

/** What one process did, seen by the tests. Of the class, because the product makes the instance. */
class TestJobs {
  static closed = 0;
  static burning = true;
  static readonly steps = new Map<string, () => void>();
  static readonly aborted: string[] = [];
  static readonly performed: { number: number; at: 'begin' | 'end' }[] = [];

  @Performs(sendLetter)
  async sendLetter({ to }: Letter): Promise<{ sentTo: string }> {
    if (TestJobs.closed-- > 0) throw new PostOfficeClosed();
    return { sentTo: to };
  }

  @Performs(burn)
  async burn({ because }: { because: string }): Promise<void> {
    if (TestJobs.burning) throw new Error(`secret: ${because}`);
  }

  @Performs(linger)
  async linger({ steps }: { steps: number }, run: JobRun): Promise<number> {
    for (let step = 1; step <= steps; step += 1) {
      run.progress(step, steps);
      await new Promise<void>((resolve) => TestJobs.steps.set(run.id, resolve));
    }
    return steps;
  }

  @Performs(hang)
  async hang(_: object, run: JobRun): Promise<void> {
    await new Promise<void>((resolve) => run.signal.addEventListener('abort', () => resolve()));
    TestJobs.aborted.push(run.id);
  }

  @Performs(count)
  async count({ number }: { number: number }): Promise<void> {
    TestJobs.performed.push({ number, at: 'begin' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    TestJobs.performed.push({ number, at: 'end' });
  }
}

let one: TestApp;
let two: TestApp;
let away: TestApp;
beforeAll(async () => {
  one = await startApp({ providers: [TestJobs] });
  two = await startApp({ providers: [TestJobs], database: one.database });
  // Sends and asks, and works on nothing.
  away = await startApp({ database: one.database, settings: { WORKER: 'false' } });
});
afterAll(async () => {
  await away.stop();
  await two.stop();
  await one.stop();
});

async function whenIs(state: JobReport['state'], id: string, tenantId: string | null = null): Promise<JobReport> {
  return eventually(async () => {
    const report = await away.nest.get(Jobs).find(id, tenantId);
    expect(report?.state).toBe(state);
    return report!;
  }, 20_000);
}

describe('a job', () => {
  it('is performed by a process that works, and its result is seen by all', async () => {
    const id = await away.nest.get(Jobs).send(sendLetter, { to: 'Ada' });
    expect(await whenIs('done', id)).toMatchObject({
      name: 'send-letter',
      tenantId: null,
      attempts: 1,
      error: null,
      result: { sentTo: 'Ada' },
    });
  });

  it('that fails is tried again after a while, and says why in words for everybody', async () => {
    TestJobs.closed = 1;
    const id = await away.nest.get(Jobs).send(sendLetter, { to: 'Grace' });
    expect(await whenIs('failed', id)).toMatchObject({
      attempts: 1,
      error: 'The post office is closed.',
      result: null,
    });
    expect(await whenIs('done', id)).toMatchObject({ attempts: 2, error: null, result: { sentTo: 'Grace' } });
  });

  it('that fails each time is kept among the dead without its secrets, and can be tried again', async () => {
    const jobs = away.nest.get(Jobs);
    const id = await jobs.send(burn, { because: 'password' });
    const dead = await whenIs('dead', id);
    expect(dead).toMatchObject({ attempts: 1, error: expect.stringContaining('on our side') });
    expect(JSON.stringify(dead)).not.toContain('secret');
    expect(await jobs.dead()).toEqual([dead]);
    TestJobs.burning = false;
    expect(await jobs.retry(id)).toBe(true);
    expect(await whenIs('done', id)).toMatchObject({ attempts: 2 });
    expect(await jobs.dead()).toEqual([]);
    expect(await jobs.retry(id)).toBe(false);
    expect(await jobs.retry(randomUUID())).toBe(false);
  });

  it('shows its progress to other instances', async () => {
    const id = await away.nest.get(Jobs).send(linger, { steps: 2 });
    const isAt = (done: number) =>
      eventually(async () => expect((await whenIs('running', id)).progress).toEqual({ done, total: 2 }));
    await isAt(1);
    TestJobs.steps.get(id)!();
    await isAt(2);
    TestJobs.steps.get(id)!();
    expect(await whenIs('done', id)).toMatchObject({ progress: { done: 2, total: 2 }, result: 2 });
  });

  it('that takes too long is told to stop, and counts as failed', async () => {
    const id = await away.nest.get(Jobs).send(hang, { first: true });
    expect(await whenIs('dead', id)).toMatchObject({ attempts: 1 });
    expect(TestJobs.aborted).toContain(id);
  });

  it('is found by the tenant that it belongs to, and by no other', async () => {
    const [mine, theirs] = [randomUUID(), randomUUID()];
    const jobs = away.nest.get(Jobs);
    const id = await jobs.send(sendLetter, { to: 'Mary' }, { tenantId: mine });
    expect(await whenIs('done', id, mine)).toMatchObject({ id, tenantId: mine });
    expect([await jobs.find(id, theirs), await jobs.find(id, null), await jobs.find(randomUUID(), mine)]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('with a key is there once while it is not finished, for each tenant', async () => {
    const [mine, theirs] = [randomUUID(), randomUUID()];
    const jobs = away.nest.get(Jobs);
    const send = (tenantId: string) => jobs.send(linger, { steps: 1 }, { tenantId, singletonKey: 'export' });
    const [first, again, other] = [await send(mine), await send(mine), await send(theirs)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    for (const id of [first, other]) {
      await eventually(async () => expect(TestJobs.steps.has(id)).toBe(true));
      TestJobs.steps.get(id)!();
    }
    await whenIs('done', first, mine);
    const next = await send(mine);
    expect(next).not.toBe(first);
    await eventually(async () => expect(TestJobs.steps.has(next)).toBe(true));
    TestJobs.steps.get(next)!();
    await whenIs('done', next, mine);
  });
});

describe('many jobs', () => {
  it('are each performed once, by two processes with several hands', async () => {
    const jobs = away.nest.get(Jobs);
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    const ids = await Promise.all(numbers.map((number) => jobs.send(count, { number })));
    for (const id of ids) await whenIs('done', id);
    const begun = TestJobs.performed.filter(({ at }) => at === 'begin').map(({ number }) => number);
    expect(begun.sort((a, b) => a - b)).toEqual(numbers);
  });

  it('need no more than two connections of each process', async () => {
    const { rows } = await one.owner.query<{ connections: number }>(
      `SELECT count(*)::int AS connections FROM pg_stat_activity WHERE application_name = 'projectflow jobs' AND datname = current_database()`,
    );
    expect(rows[0]!.connections).toBeGreaterThan(0);
    expect(rows[0]!.connections).toBeLessThanOrEqual(6);
  });
});

describe('the tables of the queue', () => {
  it('cannot be read by a tenant’s role or a home’s login', async () => {
    const { rows } = await one.owner.query<{ rolname: string }>(
      `SELECT rolname FROM pg_roles WHERE (rolname LIKE 'pf\\_%\\_t\\_%' OR rolname LIKE 'pf\\_%\\_home\\_%')
          AND has_schema_privilege(oid, 'jobs', 'USAGE')`,
    );
    const known = await one.owner.query(`SELECT 1 FROM pg_roles WHERE rolname LIKE 'pf\\_%\\_home\\_%'`);
    expect(known.rowCount).toBeGreaterThan(0);
    expect(rows).toEqual([]);
  });
});
