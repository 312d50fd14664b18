import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes, randomInt } from 'node:crypto';
import { TenantDirectory } from '../../src/platform/tenancy/tenant.types.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { signUp } from '../support/tenant.ts';
import { Dice, remember, seeded, type Call, type Plot } from './random-steps.ts';

/** What was found under one seed is found again, but for the moments at which requests meet. */
const SEED = Number(process.env['SEED'] ?? randomInt(2 ** 31));
const STEPS = Number(process.env['STEPS'] ?? 2_000);
const TENANTS = 50;
/** With two people, of whom one may do less. */
const WITH_MEMBER = 10;
const AT_A_TIME = 8;
const CANARY = /cnry[0-9a-f]{12}/g;
const TIME = 60_000 + STEPS * 100;

let app: TestApp;
let plots: Plot[];
beforeAll(async () => {
  app = await startApp({ settings: { ACCESS_TOKEN_SECONDS: '86400', READY_POOL_SIZE: '4', LOG_LEVEL: 'silent' } });
  plots = [];
  while (plots.length < TENANTS) plots.push(await settle(plots.length < WITH_MEMBER));
}, 120_000);
afterAll(async () => {
  // A request that is aborted early leaves a connection on which nothing was asked yet, and a server waits for those.
  app.nest.getHttpServer().closeAllConnections();
  await app.stop();
});

async function settle(withMember: boolean): Promise<Plot> {
  const canary = `cnry${randomBytes(6).toString('hex')}`;
  const tenant = await signUp(app, canary);
  expectStatus(await tenant.owner.patch('/users/me', { firstName: canary, lastName: canary }), 200);
  const project = await tenant.project(canary);
  const task = await tenant.task(project.id, { title: canary });
  const comment = expectStatus(await tenant.owner.post(`/tasks/${task.id}/comments`, { body: canary }), 201).data;
  const member = withMember ? [await tenant.join(canary, 'member')] : [];
  const found = await app.nest.get(TenantDirectory).findById(tenant.id);
  return {
    canary,
    tenant,
    people: [tenant.owner, ...member],
    schema: found!.binding.schema,
    // The owner is not among them: nobody shall lock them out.
    ids: { users: [], projects: [project.id], tasks: [task.id], comments: [comment.id] },
  };
}

interface Outcome {
  status: number;
  call: string;
}

/** Tenants' texts that are in this answer and not this tenant's own. */
const foreignIn = (text: string, own: string | null): string[] =>
  [...new Set(text.match(CANARY) ?? [])].filter((canary) => canary !== own);

/** One step: who asks, as whom, for what; and that nothing of another tenant is in the answer. */
async function step(random: () => number): Promise<Outcome> {
  const pick = <T>(from: T[]): T => from[Math.floor(random() * from.length)]!;
  const own = pick(plots);
  const other = pick(plots.filter((plot) => plot !== own));
  const call = new Dice(random, own, other).roll();
  const way = random();
  const isPublic = call.path === '/tenants/current';
  const stranger = own.tenant.visitor.as(other.tenant.owner.accessToken);
  if (way < 0.05) return ask(call, stranger, isPublic ? own : null, !isPublic);
  if (way < 0.08) return ask(call, own.tenant.visitor, isPublic ? own : null, !isPublic);
  if (way < 0.13) return abort(call, pick(own.people), random);
  if (way < 0.23) return ask(call, new Client(app.url).as(pick(own.people).accessToken), own, call.mustFail);
  return ask(call, pick(own.people), own, call.mustFail);
}

/** @param asker whose texts may be in the answer; null: nobody's */
async function ask(call: Call, client: Client, asker: Plot | null, mustFail: boolean): Promise<Outcome> {
  const { method, path, body, makes } = call;
  const answer = await client.call(method, path, { body });
  const name = `${method} ${path} (${answer.status})`;
  // All but the path that was asked for, which an error repeats.
  const heard = JSON.stringify([{ ...answer.body, instance: undefined }, [...answer.headers]]);
  const leaked = foreignIn(heard, asker?.canary ?? null);
  if (leaked.length > 0)
    throw new Error(`${name} shows ${leaked.join()} to ${asker?.canary ?? 'a stranger'}: ${heard}`);
  if (answer.status >= 500 && answer.status !== 503) throw new Error(`${name} failed: ${heard}`);
  if (mustFail && answer.status < 400)
    throw new Error(`${name} served what is not ${asker?.canary ?? 'theirs'}: ${heard}`);
  if (answer.status === 201 && makes && asker) remember(asker, makes, answer.data.id);
  return { status: answer.status, call: name };
}

/** Nobody waits for the answer; whatever is left open must be nothing for the next one. */
async function abort({ method, path, body }: Call, client: Client, random: () => number): Promise<Outcome> {
  await fetch(`${client.url}/api/v1${path}`, {
    method,
    headers: { ...client.headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(Math.floor(random() * 8)),
  })
    .then((response) => response.text())
    .catch(() => undefined);
  return { status: 0, call: 'aborted' };
}

async function canariesStoredBy({ schema }: Plot): Promise<string[]> {
  const { rows } = await app.owner.query<{ name: string }>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1',
    [schema],
  );
  expect(rows.length).toBeGreaterThan(5);
  const found = new Set<string>();
  for (const { name } of rows) {
    const { rows: stored } = await app.owner.query<{ canary: string }>(
      `SELECT DISTINCT m[1] AS canary FROM "${schema}"."${name}" t, regexp_matches(t::text, 'cnry[0-9a-f]{12}', 'g') m`,
    );
    for (const { canary } of stored) found.add(canary);
  }
  return [...found];
}

describe(`${STEPS} random steps of ${TENANTS} tenants (SEED=${SEED})`, () => {
  it(
    'show nobody anything of another tenant, and leave nothing with another one',
    async () => {
      const counts = { served: 0, refused: 0, aborted: 0, busy: 0 };
      let left = STEPS;
      const walks = Array.from({ length: AT_A_TIME }, async (_, walker) => {
        const random = seeded(SEED + walker);
        try {
          while (left-- > 0) {
            const { status } = await step(random);
            counts[status === 0 ? 'aborted' : status === 503 ? 'busy' : status < 400 ? 'served' : 'refused'] += 1;
          }
        } finally {
          // The first that finds something ends the others.
          left = 0;
        }
      });
      const walked = await Promise.allSettled(walks);
      expect(walked.flatMap((walk) => (walk.status === 'rejected' ? [String(walk.reason)] : []))).toEqual([]);
      expect(counts.served).toBeGreaterThan(STEPS / 3);
      expect(counts.refused).toBeGreaterThan(STEPS / 10);
      expect(counts.aborted).toBeGreaterThan(STEPS / 50);
      for (const plot of plots) expect(await canariesStoredBy(plot)).toEqual([plot.canary]);
    },
    TIME,
  );
});
