import { listPage } from '../platform/database/keyset.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';

export interface HolidayRow {
  id: string;
  day: string;
  name: string;
  createdAt: Date;
}

const SELECT = `h.id, h.day, h.name, h.created_at AS "createdAt"`;

export function listHolidays(ctx: TenantContext, query: ListQuery): Promise<Page<HolidayRow>> {
  const source = {
    select: SELECT,
    from: '"@tenant".holidays h WHERE true',
    parameters: [],
    columns: { day: { sql: 'h.day', type: 'date' } } as const,
    id: { sql: 'h.id', type: 'uuid' as const },
  };
  return listPage<HolidayRow>(ctx, source, query);
}

export async function findHoliday(ctx: TenantContext, id: string): Promise<HolidayRow | null> {
  const rows = await ctx.query<HolidayRow>(`SELECT ${SELECT} FROM "@tenant".holidays h WHERE h.id = $1`, [id]);
  return rows[0] ?? null;
}

export function listHolidaysBetween(
  ctx: TenantContext,
  from: string,
  to: string,
): Promise<Pick<HolidayRow, 'day' | 'name'>[]> {
  return ctx.query('SELECT day, name FROM "@tenant".holidays WHERE day BETWEEN $1 AND $2 ORDER BY day, name', [
    from,
    to,
  ]);
}

/** How many there are; whoever else adds some waits until the transaction ends. */
export async function countHolidays(tx: TenantContext): Promise<number> {
  await tx.query('LOCK TABLE "@tenant".holidays IN SHARE ROW EXCLUSIVE MODE');
  const rows = await tx.query<{ count: number }>('SELECT count(*)::int AS count FROM "@tenant".holidays');
  return rows[0]!.count;
}
