import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { randomUUID } from 'node:crypto';
import { DomainEvent } from '../../src/platform/events/domain-event.ts';
import type { TenantContext } from '../../src/platform/tenancy/tenant-context.ts';
import { internalCaller } from '../../src/platform/access/caller.ts';
import { TenantContexts } from '../../src/platform/tenancy/tenant-contexts.ts';
import { TenantDirectory } from '../../src/platform/tenancy/tenant.types.ts';
import { User } from '../../src/users/user.entity.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { signUp, type TestTenant } from '../support/tenant.ts';

class SomethingHappened extends DomainEvent {
  static override readonly eventName = 'test.something_happened';
  constructor(readonly mark: string) {
    super();
  }
}

interface Heard {
  mark: string;
  tenant: string;
  requestId: string;
  actor: string;
}

let app: TestApp;
let acme: TestTenant;
let globex: TestTenant;
const heard: Heard[] = [];
let trouble: (mark: string) => void = () => undefined;
beforeAll(async () => {
  app = await startApp();
  [acme, globex] = [await signUp(app, 'acme'), await signUp(app, 'globex')];
  app.nest.get(EventEmitter2).on(SomethingHappened.eventName, (ctx: TenantContext, event: SomethingHappened) => {
    heard.push({ mark: event.mark, tenant: ctx.tenant.slug, requestId: ctx.requestId, actor: ctx.actor.kind });
    trouble(event.mark);
  });
});
afterAll(() => app.stop());

async function contextOf({ slug }: TestTenant, requestId?: string): Promise<TenantContext> {
  return app.nest
    .get(TenantContexts)
    .open((await app.nest.get(TenantDirectory).findBySlug(slug))!, undefined, internalCaller(requestId));
}

async function waiting(mark: string): Promise<{ attempts: number; last_error: string | null }[]> {
  const { rows } = await app.owner.query(
    `SELECT attempts, last_error FROM platform.outbox WHERE payload->>'mark' = $1`,
    [mark],
  );
  return rows;
}

describe('an event', () => {
  it('is heard after its transaction committed, in its tenant, with the request it came from', async () => {
    const mark = randomUUID();
    const ctx = await contextOf(globex, 'request-of-the-cause');
    await ctx.transaction(async (tx) => {
      tx.announce(new SomethingHappened(mark));
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(heard.some((one) => one.mark === mark)).toBe(false);
    });
    await eventually(async () =>
      expect(heard.filter((one) => one.mark === mark)).toEqual([
        { mark, tenant: 'globex', requestId: 'request-of-the-cause', actor: 'system' },
      ]),
    );
    await eventually(async () => expect(await waiting(mark)).toEqual([]));
  });

  it('is never heard when the transaction rolls back', async () => {
    const [lost, kept] = [randomUUID(), randomUUID()];
    const ctx = await contextOf(acme);
    await expect(
      ctx.transaction(async (tx) => {
        tx.announce(new SomethingHappened(lost));
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await ctx.transaction(async (tx) => tx.announce(new SomethingHappened(kept)));
    await eventually(async () => expect(heard.some((one) => one.mark === kept)).toBe(true));
    expect(heard.some((one) => one.mark === lost)).toBe(false);
    expect(await waiting(lost)).toEqual([]);
  });

  it('is heard again after a listener failed', async () => {
    const mark = randomUUID();
    let failures = 2;
    trouble = (which) => {
      if (which === mark && failures-- > 0) throw new Error('listener is indisposed');
    };
    await (await contextOf(acme)).transaction(async (tx) => tx.announce(new SomethingHappened(mark)));
    await eventually(async () =>
      expect(await waiting(mark)).toEqual([{ attempts: 1, last_error: expect.stringContaining('indisposed') }]),
    );
    for (let attempt = 2; attempt <= 3; attempt++) {
      await app.owner.query(`UPDATE platform.outbox SET next_attempt_at = now() WHERE payload->>'mark' = $1`, [mark]);
      await eventually(async () => expect(heard.filter((one) => one.mark === mark)).toHaveLength(attempt));
    }
    await eventually(async () => expect(await waiting(mark)).toEqual([]));
  });

  it('stays, with its error, when it was tried often enough', async () => {
    const mark = randomUUID();
    trouble = (which) => {
      if (which === mark) throw new Error('never');
    };
    await (await contextOf(acme)).transaction(async (tx) => tx.announce(new SomethingHappened(mark)));
    await eventually(async () => expect((await waiting(mark))[0]!.last_error).toMatch(/never/));
    await app.owner.query(
      `UPDATE platform.outbox SET attempts = 10, next_attempt_at = now() WHERE payload->>'mark' = $1`,
      [mark],
    );
    const later = randomUUID();
    await (await contextOf(acme)).transaction(async (tx) => tx.announce(new SomethingHappened(later)));
    await eventually(async () => expect(heard.some((one) => one.mark === later)).toBe(true));
    expect(heard.filter((one) => one.mark === mark)).toHaveLength(1);
    expect(await waiting(mark)).toHaveLength(1);
  });

  it('is taken up by a process that starts after its own died with it', async () => {
    const mark = randomUUID();
    const { rows } = await app.owner.query(`SELECT schema_name FROM public.tenants WHERE slug = 'acme'`);
    // As a process leaves it that claimed the event and was killed: one attempt, the next one due.
    await app.owner.query(
      `INSERT INTO platform.outbox (tenant_schema, name, payload, request_id, attempts) VALUES ($1, $2, $3, 'dead-process', 1)`,
      [rows[0].schema_name, SomethingHappened.eventName, { mark }],
    );
    await eventually(async () => expect(heard.filter((one) => one.mark === mark)).toHaveLength(1));
  });

  it('is announced inside a transaction only', async () => {
    const ctx = await contextOf(acme);
    expect(() => ctx.announce(new SomethingHappened('x'))).toThrow(/inside ctx.transaction/);
  });
});

describe('the context around an open transaction', () => {
  it('refuses to be used, and works again afterwards', async () => {
    const ctx = await contextOf(acme);
    await ctx.transaction(async () => {
      expect(() => ctx.repository(User)).toThrow(/transaction is open/);
      await expect(ctx.query('SELECT 1')).rejects.toThrow(/transaction is open/);
    });
    expect(await ctx.repository(User).count()).toBe(1);
  });

  it('joins when a transaction is asked for within one', async () => {
    const ctx = await contextOf(acme);
    const attempt = ctx.transaction(async (tx) => {
      await tx.transaction(async (inner) => inner.query(`UPDATE "@tenant".users SET first_name = 'Changed'`));
      throw new Error('undo both');
    });
    await expect(attempt).rejects.toThrow('undo both');
    expect(await ctx.query('SELECT first_name FROM "@tenant".users')).toEqual([{ first_name: 'Olivia' }]);
  });
});
