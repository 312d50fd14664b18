import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import { audit } from '../platform/audit/audit.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { CalendarFiles } from './calendar-file.service.ts';
import { Holiday } from './holiday.entity.ts';
import { HolidayMissing, HolidaysFull } from './holidays.errors.ts';
import { countHolidays, findHoliday, listHolidays, listHolidaysBetween, type HolidayRow } from './holidays.queries.ts';
import type { HolidayDay, SkippedEvent } from './holidays.types.ts';

const MOST = 5_000;

export interface ImportOutcome {
  added: number;
  /** They were there already. */
  known: number;
  /** Events that gave no holiday. */
  skipped: number;
  skippedEvents: SkippedEvent[];
}

@Injectable()
export class HolidaysService {
  constructor(private readonly files: CalendarFiles) {}

  list(ctx: TenantContext, query: ListQuery): Promise<Page<HolidayRow>> {
    return listHolidays(ctx, query);
  }

  /** First and last day included; a day may have several. */
  listBetween(ctx: TenantContext, from: string, to: string): Promise<Pick<HolidayRow, 'day' | 'name'>[]> {
    return listHolidaysBetween(ctx, from, to);
  }

  /** @throws HolidayMissing */
  async get(ctx: TenantContext, id: string): Promise<HolidayRow> {
    const holiday = await findHoliday(ctx, id);
    if (!holiday) throw new HolidayMissing();
    return holiday;
  }

  /** @throws HolidaysFull */
  async add(ctx: TenantContext, { day, name }: { day: string; name: string }): Promise<HolidayRow> {
    return ctx.transaction(async (tx) => {
      await demandRoom(tx, 1);
      const id = newId();
      await tx.repository(Holiday).insert({ id, day, name, uid: id });
      await audit(tx, { action: 'holiday.added', target: { type: 'holiday', id }, after: { day, name } });
      return this.get(tx, id);
    });
  }

  /** @throws HolidayMissing */
  async remove(ctx: TenantContext, id: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      const { day, name } = await this.get(tx, id);
      await tx.repository(Holiday).delete({ id });
      await audit(tx, { action: 'holiday.removed', target: { type: 'holiday', id }, before: { day, name } });
    });
  }

  /** The same file again adds nothing. @param text a calendar file (RFC 5545) @throws CalendarUnreadable, CalendarTooLarge, HolidaysFull */
  async import(ctx: TenantContext, text: string): Promise<ImportOutcome> {
    const { days, skipped, skippedEvents } = await this.files.read(text);
    return ctx.transaction(async (tx) => {
      const before = await countHolidays(tx);
      const added = await addHolidays(tx, days);
      if (before + added > MOST) throw new HolidaysFull(MOST);
      const outcome = { added, known: days.length - added, skipped };
      await audit(tx, { action: 'holidays.imported', details: outcome });
      return { ...outcome, skippedEvents };
    });
  }
}

async function demandRoom(tx: TenantContext, more: number): Promise<void> {
  if ((await countHolidays(tx)) + more > MOST) throw new HolidaysFull(MOST);
}

/** Those that are there already, by event and day, stay as they are. @returns how many were added */
async function addHolidays(tx: TenantContext, days: HolidayDay[]): Promise<number> {
  const rows = await tx.query(
    `INSERT INTO "@tenant".holidays (id, day, name, uid)
     SELECT * FROM unnest($1::uuid[], $2::date[], $3::text[], $4::text[])
     ON CONFLICT (day, uid) DO NOTHING RETURNING id`,
    [days.map(() => newId()), days.map(({ day }) => day), days.map(({ name }) => name), days.map(({ uid }) => uid)],
  );
  return rows.length;
}
