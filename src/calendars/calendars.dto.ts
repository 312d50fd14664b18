import { ApiProperty } from '@nestjs/swagger';
import { InvalidInput } from '../platform/errors/app-error.ts';
import { Day, Nested, TimeZone, Whole, isDay } from '../platform/http/fields.ts';
import type { Calendar } from './calendars.service.ts';
import type { Period, Week } from './calendars.types.ts';
import type { WorkDay } from './working-time.rules.ts';

const MINUTES = { max: 1_440 };
const MOST_DAYS = 366;
const DAY_MS = 86_400_000;

class WeekBody {
  @Whole(MINUTES)
  monday: number;
  @Whole(MINUTES)
  tuesday: number;
  @Whole(MINUTES)
  wednesday: number;
  @Whole(MINUTES)
  thursday: number;
  @Whole(MINUTES)
  friday: number;
  @Whole(MINUTES)
  saturday: number;
  @Whole(MINUTES)
  sunday: number;
}

export class PutDefaultCalendarBody {
  @Day({ description: 'First day that it holds for; the same day again replaces what was said for it' })
  from: string;
  @Nested(() => WeekBody, { description: 'Minutes of work' })
  minutes: WeekBody;
  @TimeZone({ optional: true, nullable: true })
  timeZone?: string | null;
}

export class PutCalendarBody {
  @Day({ description: 'First day that it holds for; the same day again replaces what was said for it' })
  from: string;
  @Nested(() => WeekBody, { nullable: true, description: 'Minutes of work; null: as the organisation works' })
  minutes: WeekBody | null;
  @TimeZone({ optional: true, nullable: true })
  timeZone?: string | null;
}

export function toPeriod({ from, minutes, timeZone = null }: PutCalendarBody): Period {
  return { from, minutes: minutes && toWeek(minutes), timeZone };
}

function toWeek({ monday, tuesday, wednesday, thursday, friday, saturday, sunday }: WeekBody): Week {
  return [monday, tuesday, wednesday, thursday, friday, saturday, sunday];
}

class WeekResponse {
  @ApiProperty()
  monday: number;
  @ApiProperty()
  tuesday: number;
  @ApiProperty()
  wednesday: number;
  @ApiProperty()
  thursday: number;
  @ApiProperty()
  friday: number;
  @ApiProperty()
  saturday: number;
  @ApiProperty()
  sunday: number;
}

class WeekInForceResponse {
  @ApiProperty({ enum: ['person', 'organisation', 'standard'], description: 'Whose week it is' })
  source: string;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  from: string | null;
  @ApiProperty({ type: WeekResponse, description: 'Minutes of work' })
  minutes: WeekResponse;
  @ApiProperty()
  timeZone: string;
}

class PeriodResponse {
  @ApiProperty({ format: 'date' })
  from: string;
  @ApiProperty({ type: WeekResponse, nullable: true, description: 'null: as the organisation works' })
  minutes: WeekResponse | null;
  @ApiProperty({ type: String, nullable: true })
  timeZone: string | null;
}

export class CalendarResponse {
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'null for the organisation’s' })
  userId: string | null;
  @ApiProperty({ type: WeekInForceResponse, description: 'What holds today, in UTC' })
  today: WeekInForceResponse;
  @ApiProperty({ type: [PeriodResponse], description: 'What was said for this calendar, oldest first' })
  periods: PeriodResponse[];
}

class WorkDayResponse {
  @ApiProperty({ format: 'date' })
  date: string;
  @ApiProperty({ description: 'Minutes that the week says' })
  planned: number;
  @ApiProperty({ description: 'Minutes that are left after holidays and time off' })
  minutes: number;
  @ApiProperty({ type: String, nullable: true })
  holiday: string | null;
  @ApiProperty({ description: 'Time off, whole or in part, on a day that would be worked' })
  away: boolean;
}

export class WorkingTimeResponse {
  @ApiProperty({ format: 'uuid' })
  userId: string;
  @ApiProperty({ description: 'Sum over the days' })
  minutes: number;
  @ApiProperty({ type: [WorkDayResponse] })
  days: WorkDayResponse[];
}

export function toCalendarResponse({ userId, today, periods }: Calendar): CalendarResponse {
  const { source, from, minutes, timeZone } = today;
  return {
    userId,
    today: { source, from, minutes: toWeekResponse(minutes), timeZone },
    periods: periods.map((each) => ({
      from: each.from,
      minutes: each.minutes && toWeekResponse(each.minutes),
      timeZone: each.timeZone,
    })),
  };
}

function toWeekResponse(week: Week): WeekResponse {
  const [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = week as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { monday, tuesday, wednesday, thursday, friday, saturday, sunday };
}

export function toWorkingTimeResponse(userId: string, days: WorkDay[]): WorkingTimeResponse {
  return {
    userId,
    minutes: days.reduce((sum, day) => sum + day.minutes, 0),
    days: days.map(({ date, planned, minutes, holiday, away }) => ({ date, planned, minutes, holiday, away })),
  };
}

/** First and last day of the question, both asked for. @throws InvalidInput */
export function toRange({ from, to }: Record<string, unknown>): { from: string; to: string } {
  for (const [name, value] of Object.entries({ from, to }))
    if (!isDay(value)) refuse(name, 'day', `${name} must be a date such as 2026-05-31.`);
  const range = { from: from as string, to: to as string };
  if (range.from > range.to) refuse('to', 'before_start', 'to must not be before from.');
  if ((Date.parse(range.to) - Date.parse(range.from)) / DAY_MS >= MOST_DAYS)
    refuse('to', 'range', `At most ${MOST_DAYS} days at a time.`);
  return range;
}

function refuse(name: string, code: string, message: string): never {
  throw new InvalidInput([{ pointer: `?${name}`, code, message }], 'invalid_query');
}
