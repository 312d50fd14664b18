import { listPage, type ListColumn } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Period } from './calendars.types.ts';
import type { TimeOff } from './time-off.entity.ts';
import type { Absence } from './working-time.rules.ts';

export type TimeOffRow = TimeOff;

/** Oldest first. @param userId null for the organisation's */
export function listPeriods(ctx: TenantContext, userId: string | null): Promise<Period[]> {
  return ctx.query(
    `SELECT valid_from AS "from", minutes, time_zone AS "timeZone" FROM "@tenant".working_weeks
      WHERE user_id IS NOT DISTINCT FROM $1::uuid ORDER BY valid_from`,
    [userId],
  );
}

/** Null where nobody has said. */
export async function findTimeZone(ctx: TenantContext, userId: string): Promise<string | null> {
  const inForce = `FROM "@tenant".working_weeks w WHERE w.valid_from <= (now() AT TIME ZONE 'UTC')::date`;
  const rows = await ctx.query<{ timeZone: string | null }>(
    `SELECT coalesce((SELECT w.time_zone ${inForce} AND w.user_id = u.id ORDER BY w.valid_from DESC LIMIT 1), u.time_zone,
                     (SELECT w.time_zone ${inForce} AND w.user_id IS NULL ORDER BY w.valid_from DESC LIMIT 1)) AS "timeZone"
       FROM "@tenant".users u WHERE u.id = $1`,
    [userId],
  );
  return rows[0]?.timeZone ?? null;
}

const SELECT = `o.id, o.user_id AS "userId", o.kind, o.first_day AS "firstDay", o.last_day AS "lastDay",
  o.minutes_per_day AS "minutesPerDay", o.note, o.created_at AS "createdAt", o.updated_at AS "updatedAt", o.version`;

const COLUMNS: Record<string, ListColumn> = {
  from: { sql: 'o.first_day', type: 'date' },
  to: { sql: 'o.last_day', type: 'date' },
};

export function listTimeOff(ctx: TenantContext, userId: string, query: ListQuery): Promise<Page<TimeOffRow>> {
  const source = {
    select: SELECT,
    from: '"@tenant".time_off o WHERE o.user_id = $1',
    parameters: [userId],
    columns: COLUMNS,
    id: { sql: 'o.id', type: 'uuid' as const },
  };
  return listPage<TimeOffRow>(ctx, source, query);
}

/** @param lock keeps it from changing until the transaction ends */
export async function findTimeOff(
  ctx: TenantContext,
  userId: string,
  id: string,
  { lock = false } = {},
): Promise<TimeOffRow | null> {
  const rows = await ctx.query<TimeOffRow>(
    `SELECT ${SELECT} FROM "@tenant".time_off o WHERE o.id = $2 AND o.user_id = $1${lock ? ' FOR UPDATE' : ''}`,
    [userId, id],
  );
  return rows[0] ?? null;
}

export function listAbsences(ctx: TenantContext, userId: string, from: string, to: string): Promise<Absence[]> {
  return ctx.query(
    `SELECT first_day AS "firstDay", last_day AS "lastDay", minutes_per_day AS "minutesPerDay" FROM "@tenant".time_off
      WHERE user_id = $1 AND first_day <= $3 AND last_day >= $2`,
    [userId, from, to],
  );
}

/** Of the organisation (`userId` null) and of these people, oldest first. */
export function listPeriodsOf(
  ctx: TenantContext,
  userIds: readonly string[],
): Promise<(Period & { userId: string | null })[]> {
  return ctx.query(
    `SELECT user_id AS "userId", valid_from AS "from", minutes, time_zone AS "timeZone" FROM "@tenant".working_weeks
      WHERE user_id IS NULL OR user_id = ANY ($1::uuid[]) ORDER BY valid_from`,
    [userIds],
  );
}

/** Those of these people that have not ended before a day. */
export function listAbsencesOf(
  ctx: TenantContext,
  userIds: readonly string[],
  from: string,
): Promise<(Absence & { userId: string })[]> {
  return ctx.query(
    `SELECT user_id AS "userId", first_day AS "firstDay", last_day AS "lastDay", minutes_per_day AS "minutesPerDay"
       FROM "@tenant".time_off WHERE user_id = ANY ($1::uuid[]) AND last_day >= $2`,
    [userIds, from],
  );
}
