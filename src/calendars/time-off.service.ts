import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import { audit } from '../platform/audit/audit.ts';
import { given } from '../platform/database/given.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { demandVersion } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { canKnowWhy } from './calendar.policy.ts';
import { TimeOffFull, TimeOffMissing, TimeOffReversed } from './calendars.errors.ts';
import { findTimeOff, listTimeOff, type TimeOffRow } from './calendars.queries.ts';
import { CalendarsService } from './calendars.service.ts';
import type { TimeOffKind } from './calendars.types.ts';
import { TimeOff } from './time-off.entity.ts';

/** Of one person: every plan that they work in reads those to come. */
const MOST_ENTRIES = 1_000;

export interface NewTimeOff {
  kind: TimeOffKind;
  firstDay: string;
  lastDay: string;
  minutesPerDay?: number | null;
  note?: string | null;
}

/** Time off; kind and note are null for whom they are none of their business. */
export type ShownTimeOff = Omit<TimeOffRow, 'kind'> & { kind: TimeOffKind | null };

@Injectable()
export class TimeOffService {
  constructor(private readonly calendars: CalendarsService) {}

  /** @throws UserMissing, PermissionDenied */
  async list(ctx: TenantContext, userId: string, query: ListQuery): Promise<Page<ShownTimeOff>> {
    await this.calendars.demandReadable(ctx, userId);
    return (await listTimeOff(ctx, userId, query)).map((row) => shown(ctx, row));
  }

  /** @throws UserMissing, PermissionDenied, TimeOffMissing */
  async get(ctx: TenantContext, userId: string, id: string): Promise<ShownTimeOff> {
    await this.calendars.demandReadable(ctx, userId);
    return shown(ctx, await this.#get(ctx, userId, id));
  }

  /** @throws UserMissing, PermissionDenied, UserOutOfReach, TimeOffReversed, TimeOffFull */
  async add(ctx: TenantContext, userId: string, fields: NewTimeOff): Promise<ShownTimeOff> {
    return ctx.transaction(async (tx) => {
      await this.calendars.demandChangeable(tx, userId);
      refuseReversed(fields);
      // Whoever else adds to it waits: the person stays where they are until the transaction ends.
      if ((await tx.repository(TimeOff).countBy({ userId })) >= MOST_ENTRIES) throw new TimeOffFull(MOST_ENTRIES);
      const id = newId();
      await tx.repository(TimeOff).insert({ ...fields, id, userId });
      await audit(tx, {
        action: 'time_off.added',
        target: { type: 'user', id: userId },
        after: told({ ...fields, id }),
      });
      return this.#get(tx, userId, id);
    });
  }

  /** @throws UserMissing, PermissionDenied, UserOutOfReach, TimeOffMissing, StaleVersion, TimeOffReversed */
  async update(
    ctx: TenantContext,
    userId: string,
    id: string,
    changes: Partial<NewTimeOff>,
    expectedVersion?: number,
  ): Promise<ShownTimeOff> {
    return ctx.transaction(async (tx) => {
      await this.calendars.demandChangeable(tx, userId);
      const before = await this.#get(tx, userId, id, { lock: true });
      demandVersion(before, expectedVersion);
      if (Object.keys(given(changes)).length === 0) return before;
      refuseReversed({ ...before, ...given(changes) });
      await tx.repository(TimeOff).update({ id }, given(changes));
      const after = await this.#get(tx, userId, id);
      const target = { type: 'user', id: userId };
      await audit(tx, { action: 'time_off.changed', target, before: told(before), after: told(after) });
      return after;
    });
  }

  /** @throws UserMissing, PermissionDenied, UserOutOfReach, TimeOffMissing */
  async remove(ctx: TenantContext, userId: string, id: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      await this.calendars.demandChangeable(tx, userId);
      const before = await this.#get(tx, userId, id, { lock: true });
      await tx.repository(TimeOff).delete({ id });
      await audit(tx, { action: 'time_off.removed', target: { type: 'user', id: userId }, before: told(before) });
    });
  }

  async #get(ctx: TenantContext, userId: string, id: string, options?: { lock: boolean }): Promise<TimeOffRow> {
    const row = await findTimeOff(ctx, userId, id, options);
    if (!row) throw new TimeOffMissing();
    return row;
  }
}

function shown({ actor }: TenantContext, row: TimeOffRow): ShownTimeOff {
  return canKnowWhy(actor, row.userId) ? row : { ...row, kind: null, note: null };
}

/** Without kind and note: why somebody was ill has no business in a record that is kept for ever. */
function told({ id, firstDay, lastDay, minutesPerDay = null }: Omit<NewTimeOff, 'kind'> & { id: string }): object {
  return { id, firstDay, lastDay, minutesPerDay };
}

function refuseReversed({ firstDay, lastDay }: Pick<NewTimeOff, 'firstDay' | 'lastDay'>): void {
  if (lastDay < firstDay) throw new TimeOffReversed();
}
