import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { TimesheetWeek } from './timesheet-week.entity.ts';

/**
 * Weeks of time entries. The entries belong to a module above, which asks this one whether a week is open: what an
 * approval counts is read here, under the lock that keeps entries from being added.
 */

/** One change of a person's time or its approvals after the other, until the transaction ends. */
export async function lockTimeOf(tx: TenantContext, userId: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`time of ${tx.tenant.id} ${userId}`]);
}

/** The first of these weeks that is approved. @param weeks Mondays */
export async function findApproved(tx: TenantContext, userId: string, weeks: string[]): Promise<string | null> {
  const rows = await tx.query<{ week: string }>(
    `SELECT week_start AS week FROM "@tenant".timesheet_weeks
      WHERE user_id = $1 AND week_start = ANY ($2::date[]) ORDER BY week_start LIMIT 1`,
    [userId, weeks],
  );
  return rows[0]?.week ?? null;
}

export interface WeekSums {
  week: string;
  entries: number;
  minutes: number;
  roundedMinutes: number;
  billableMinutes: number;
  /** The entry whose timer runs, if it began in this week. */
  runningEntryId: string | null;
}

/** Weeks that have entries. @param weeks Mondays */
export function sumWeeks(ctx: TenantContext, userId: string, weeks: string[]): Promise<WeekSums[]> {
  return ctx.query<WeekSums>(
    `SELECT date_trunc('week', e.day::timestamp)::date AS week, count(e.minutes)::int AS entries,
            coalesce(sum(e.minutes), 0)::int AS minutes, coalesce(sum(e.rounded_minutes), 0)::int AS "roundedMinutes",
            coalesce(sum(e.rounded_minutes) FILTER (WHERE e.billable), 0)::int AS "billableMinutes",
            (array_agg(e.id) FILTER (WHERE e.ended_at IS NULL))[1] AS "runningEntryId"
       FROM "@tenant".time_entries e
      WHERE e.user_id = $1 AND e.deleted_at IS NULL AND e.day BETWEEN $2::date AND $3::date + 6 GROUP BY 1 ORDER BY 1`,
    [userId, weeks[0], weeks.at(-1)],
  );
}

/** @param weeks Mondays */
export function listApprovals(ctx: TenantContext, userId: string, weeks: string[]): Promise<TimesheetWeek[]> {
  return ctx.query<TimesheetWeek>(
    `SELECT user_id AS "userId", week_start AS week, entries, minutes, rounded_minutes AS "roundedMinutes",
            approved_by AS "approvedBy", approved_at AS "approvedAt", note
       FROM "@tenant".timesheet_weeks WHERE user_id = $1 AND week_start = ANY ($2::date[])`,
    [userId, weeks],
  );
}
