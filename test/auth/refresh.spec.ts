import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { internalCaller } from '../../src/platform/access/caller.ts';
import { TenantContexts } from '../../src/platform/tenancy/tenant-contexts.ts';
import { TenantDirectory } from '../../src/platform/tenancy/tenant.types.ts';
import { SessionsService } from '../../src/sessions/sessions.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { Client, expectStatus, type Answer } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { sqlOf } from '../support/sql.ts';
import { signIn, signUp, type TestTenant } from '../support/tenant.ts';

/** How many tokens are each refreshed by twenty at once; more of them where there is time. */
const ROUNDS = Number(process.env['REFRESH_ROUNDS'] ?? 100);
const AT_ONCE = 20;
/** As many as wait for connections without being sent away. */
const TOKENS_AT_ONCE = 3;

let one: TestApp;
let two: TestApp;
let acme: TestTenant;
let sql: Awaited<ReturnType<typeof sqlOf>>;
beforeAll(async () => {
  one = await startApp();
  two = await startApp({ database: one.database });
  acme = await signUp(one);
  sql = await sqlOf(one, acme);
});
afterAll(async () => {
  await two.stop();
  await one.stop();
});

/** A sign-in of the owner's, without the time that a password takes. */
async function refreshToken(): Promise<string> {
  const tenant = (await one.nest.get(TenantDirectory).findById(acme.id))!;
  const ctx = await one.nest.get(TenantContexts).open(tenant);
  const session = await one.nest.get(SessionsService).open(ctx, acme.owner.id, internalCaller(), 'password');
  return session.refreshToken;
}

const refresh = (app: TestApp, token: string) => new Client(app.url).post('/auth/refresh', { refreshToken: token });

/** By twenty tabs, half of them at the other instance. */
function refreshByMany(token: string): Promise<Answer[]> {
  const apps = Array.from({ length: AT_ONCE }, (_, i) => (i % 2 === 0 ? one : two));
  return Promise.all(apps.map((app) => refresh(app, token)));
}

function successorsIn(answers: Answer[]): Set<string> {
  return new Set(answers.map((answer) => expectStatus(answer, 200).data.refreshToken as string));
}

async function openSessions(): Promise<number> {
  const [row] = await sql(`SELECT count(*)::int AS count FROM "@tenant".sessions WHERE revoked_at IS NULL`);
  return row.count;
}

describe('a refresh token', () => {
  it(
    `gives ${AT_ONCE} who come at once, at two instances, one and the same successor, ${ROUNDS} times, and ends nobody’s session`,
    async () => {
      const before = await openSessions();
      const seen = new Set<string>();
      for (let round = 0; round < ROUNDS; round += TOKENS_AT_ONCE) {
        const count = Math.min(TOKENS_AT_ONCE, ROUNDS - round);
        const tokens = await Promise.all(Array.from({ length: count }, refreshToken));
        // Judged when all have answered: nothing of a test may go on after it.
        const successors = (await Promise.all(tokens.map(refreshByMany))).map(successorsIn);
        expect(successors.map((each) => each.size)).toEqual(tokens.map(() => 1));
        successors.forEach(([successor], i) => {
          expect(successor).not.toBe(tokens[i]);
          seen.add(successor!);
        });
      }
      expect(seen.size).toBe(ROUNDS);
      expect(await openSessions()).toBe(before + ROUNDS);
      // And one token each: the twenty have made one successor, not twenty.
      const [row] = await sql(
        `SELECT count(*)::int AS unused FROM "@tenant".tokens WHERE used_at IS NULL AND hash = ANY ($1)`,
        await Promise.all([...seen].map(hashOf)),
      );
      expect(row.unused).toBe(ROUNDS);
    },
    ROUNDS * 3_000 + 60_000,
  );

  it('that comes back after ten seconds ends its session everywhere, whoever holds the successor', async () => {
    const first = await signIn(acme.visitor, acme.owner.email);
    const second = expectStatus(await refresh(one, first.refreshToken), 200).data;
    const third = expectStatus(await refresh(two, second.refreshToken), 200).data;
    const there = new Client(two.url).as(third.accessToken);
    expectStatus(await there.get('/users/me'), 200);
    await sql(
      `UPDATE "@tenant".tokens SET used_at = used_at - interval '11 seconds' WHERE hash = $1`,
      await hashOf(first.refreshToken),
    );
    expect(expectStatus(await refresh(one, first.refreshToken), 401).error.code).toBe('invalid_refresh_token');
    for (const app of [one, two])
      for (const token of [first, second, third]) expectStatus(await refresh(app, token.refreshToken), 401);
    await eventually(async () => expectStatus(await there.get('/users/me'), 401));
    const events = await sql(
      `SELECT outcome, details FROM "@tenant".audit_events WHERE action = 'refresh_token.reused'`,
    );
    expect(events).toEqual([{ outcome: 'refused', details: { userId: acme.owner.id } }]);
  });

  it('that comes back at twenty at once after ten seconds is refused to all of them, and other sessions go on', async () => {
    const [stolen, kept] = [await refreshToken(), await refreshToken()];
    expectStatus(await refresh(two, stolen), 200);
    await sql(
      `UPDATE "@tenant".tokens SET used_at = used_at - interval '11 seconds' WHERE hash = $1`,
      await hashOf(stolen),
    );
    const answers = await refreshByMany(stolen);
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 401));
    expectStatus(await refresh(two, kept), 200);
  });
});

async function hashOf(token: string): Promise<Buffer> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(token)));
}
