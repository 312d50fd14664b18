import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { JobRun, JobReport } from '../../src/platform/jobs/job.ts';
import { defineJob } from '../../src/platform/jobs/job.ts';
import { Jobs } from '../../src/platform/jobs/jobs.ts';
import { Performs } from '../../src/platform/jobs/performs.ts';
import { startApp, TEST_KEY, type TestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { hold } from './hold.ts';

const WORKER = fileURLToPath(new URL('doomed-worker.ts', import.meta.url));
/** A missed heartbeat is seen after ten seconds, and looked for every ten. */
const FOUND_MS = 60_000;

/** Its one attempt: an interruption that cost one would be its death. */
const wait = defineJob<object>({ name: 'wait', attempts: 1, concurrency: 1 });

class PatientJobs {
  static begun = 0;
  static finish: () => void = () => undefined;

  @Performs(wait)
  async wait(_: object, { signal }: JobRun): Promise<void> {
    PatientJobs.begun += 1;
    await new Promise<void>((resolve, reject) => {
      PatientJobs.finish = resolve;
      signal.addEventListener('abort', () => reject(new Error('interrupted')));
    });
  }
}

class QuickJobs {
  @Performs(hold)
  async hold(): Promise<void> {}
}

const apps: TestApp[] = [];
afterEach(async () => {
  // The first one owns the database.
  for (const app of apps.splice(0).reverse()) await app.stop();
});

async function start(options?: Parameters<typeof startApp>[0]): Promise<TestApp> {
  const app = await startApp(options);
  apps.push(app);
  return app;
}

async function whenIs(app: TestApp, state: JobReport['state'], id: string, within?: number): Promise<JobReport> {
  return eventually(async () => {
    const report = await app.nest.get(Jobs).find(id, null);
    expect(report?.state).toBe(state);
    return report!;
  }, within);
}

describe('a job whose process stops', () => {
  it('hears of it and is taken up by another one, and no attempt is counted', async () => {
    const sender = await start({ settings: { WORKER: 'false' } });
    const first = await startApp({ providers: [PatientJobs], database: sender.database });
    const id = await sender.nest.get(Jobs).send(wait, {});
    await eventually(async () => expect(PatientJobs.begun).toBe(1));
    await first.stop();
    expect(await sender.nest.get(Jobs).find(id, null)).toMatchObject({ state: 'queued', error: null });
    await start({ providers: [PatientJobs], database: sender.database });
    await eventually(async () => expect(PatientJobs.begun).toBe(2));
    PatientJobs.finish();
    await whenIs(sender, 'done', id);
  });
});

describe('a job whose process is killed', () => {
  it(
    'is taken up by another one',
    async () => {
      const sender = await start({ settings: { WORKER: 'false' } });
      const doomed = spawn(process.execPath, [WORKER], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          ...process.env,
          DATABASE_URL: sender.database.url,
          ENCRYPTION_KEY: TEST_KEY,
          READY_POOL_SIZE: '0',
          LOG_LEVEL: 'silent',
        },
      });
      try {
        const id = await sender.nest.get(Jobs).send(hold, {});
        const [line] = (await once(doomed.stdout, 'data')) as [Buffer];
        expect(line.toString()).toBe(`begun ${id}\n`);
      } finally {
        doomed.kill('SIGKILL');
        await once(doomed, 'exit');
      }
      const [{ id, state }] = (
        await sender.owner.query<{ id: string; state: string }>('SELECT id, state FROM jobs.job')
      ).rows as [{ id: string; state: string }];
      expect(state).toBe('active');
      await start({ providers: [QuickJobs], database: sender.database });
      expect(await whenIs(sender, 'done', id, FOUND_MS)).toMatchObject({ attempts: 2 });
    },
    2 * FOUND_MS,
  );
});
