import { ApiProperty } from '@nestjs/swagger';
import { IsIn, isUUID } from 'class-validator';
import { InvalidInput, type ErrorDetail } from '../platform/errors/app-error.ts';
import { toOpenDayRange } from '../platform/http/day-range.ts';
import { Amount, Choice, Day, Flag, Id, Text, Time, Whole } from '../platform/http/fields.ts';
import { withFigures } from '../platform/http/figures.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import type { TimeEntryRow, TotalRow } from './time-entries.queries.ts';
import type { TotalsQuery } from './time-entries.service.ts';
import {
  ROUNDINGS,
  ROUNDING_MODES,
  TIME_SOURCES,
  TOTAL_KEYS,
  type Rounding,
  type RoundingMode,
  type TimeRules,
  type TotalKey,
} from './time-entry.types.ts';

/** A change of an entry is shown like one of a task. */
export { HISTORY_LIST, HistoryEntryResponse, toHistoryEntryResponse } from '../tasks/tasks.dto.ts';

const OPTIONAL = { optional: true };
const NOTE = { min: 0, max: 2_000, optional: true, nullable: true };
const BILLABLE = { optional: true, description: 'false when not given' };
const BY_DAY = { optional: true, description: 'With minutes or hours: a day, without saying when on it' };
const TIMED = { optional: true, description: 'startedAt and endedAt: from when to when' };

export class StartTimerBody {
  @Text(NOTE)
  note?: string | null;
  @Flag(BILLABLE)
  billable?: boolean;
  @Flag({ optional: true, description: 'Stops the timer that runs, at the same moment' })
  stopRunning?: boolean;
}

export class StopTimerBody {
  @Time({ optional: true, description: 'When the work was over, if that was earlier than now' })
  endedAt?: string;
}

export class UpdateTimeEntryBody {
  @Day(BY_DAY)
  date?: string;
  @Whole({ min: 1, max: 1_440, ...OPTIONAL })
  minutes?: number;
  @Amount({ max: 24, decimals: 2, ...OPTIONAL })
  hours?: number;
  @Time(TIMED)
  startedAt?: string;
  @Time(TIMED)
  endedAt?: string;
  @Text(NOTE)
  note?: string | null;
  @Flag(BILLABLE)
  billable?: boolean;
}

export class AddTimeEntryBody extends UpdateTimeEntryBody {
  @Id({ ...OPTIONAL, description: 'Whose time it is: somebody else’s with time.manage, and in the project' })
  userId?: string;
}

const FILTERS: ListSpec['filters'] = {
  userId: { kind: 'id', person: true },
  projectId: { kind: 'id' },
  date: { kind: 'day' },
  startedAt: { kind: 'time' },
  billable: { kind: 'flag' },
  source: { kind: 'choice', choices: TIME_SOURCES },
  running: { kind: 'flag' },
  minutes: { kind: 'number', nullable: true },
  note: { kind: 'text', nullable: true },
};
const ORDER = { sorts: ['date', 'startedAt', 'createdAt', 'minutes'], defaultSort: '-date' };

export const TIME_ENTRY_LIST: ListSpec = { filters: { ...FILTERS, taskId: { kind: 'id' } }, ...ORDER };

const { projectId: _, ...FILTERS_OF_TASK } = FILTERS;
/** The list below /tasks/:id, where the task is in the path. */
export const TASK_TIME_ENTRY_LIST: ListSpec = { filters: FILTERS_OF_TASK, ...ORDER };

export class TimeEntryResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  taskId: string;
  @ApiProperty({ format: 'uuid' })
  projectId: string;
  @ApiProperty({ format: 'uuid' })
  userId: string;
  @ApiProperty({ format: 'date', description: 'The day that it counts for, where the person was' })
  date: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'null where only the day was said' })
  startedAt: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'null while it runs, too' })
  endedAt: string | null;
  @ApiProperty({ description: 'Whether the timer runs' })
  running: boolean;
  @ApiProperty({ type: Number, nullable: true, description: 'As worked; null while it runs' })
  minutes: number | null;
  @ApiProperty({ type: Number, nullable: true, description: 'By the rules that the project had when it was written' })
  roundedMinutes: number | null;
  @ApiProperty({ type: String, nullable: true })
  note: string | null;
  @ApiProperty()
  billable: boolean;
  @ApiProperty({ enum: TIME_SOURCES })
  source: string;
  @ApiProperty({ description: 'Another entry of this person says that they worked at the same moment' })
  overlapping: boolean;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

class TimeTotalResponse {
  @ApiProperty({ required: false, format: 'uuid' })
  taskId?: string;
  @ApiProperty({ required: false, format: 'uuid' })
  projectId?: string;
  @ApiProperty({ required: false, format: 'uuid' })
  userId?: string;
  @ApiProperty({ required: false, format: 'date', description: 'Its Monday' })
  week?: string;
  @ApiProperty()
  entries: number;
  @ApiProperty({ description: 'As worked' })
  hours: number;
  @ApiProperty({ description: 'After the rules of the projects' })
  roundedHours: number;
  @ApiProperty({ description: 'Of the rounded ones' })
  billableHours: number;
}

export class TimeTotalsResponse {
  @ApiProperty({ type: [String], enum: TOTAL_KEYS })
  groupBy: string[];
  @ApiProperty({ type: [TimeTotalResponse], description: 'One over everything when nothing is grouped by' })
  totals: TimeTotalResponse[];
}

export function toTimeEntryResponse(entry: TimeEntryRow): TimeEntryResponse {
  return withFigures(
    {
      id: entry.id,
      taskId: entry.taskId,
      projectId: entry.projectId,
      userId: entry.userId,
      date: entry.day,
      startedAt: entry.byDay ? null : entry.startedAt.toISOString(),
      endedAt: entry.byDay ? null : (entry.endedAt?.toISOString() ?? null),
      running: entry.endedAt === null,
      minutes: entry.minutes,
      roundedMinutes: entry.roundedMinutes,
      note: entry.note,
      billable: entry.billable,
      source: entry.source,
      overlapping: entry.overlapping,
      createdAt: entry.createdAt.toISOString(),
      updatedAt: entry.updatedAt.toISOString(),
      version: entry.version,
    },
    entry.overlapping,
  );
}

export const TOTALS_PARAMETERS = ['groupBy', 'from', 'to', 'taskId', 'projectId', 'userId', 'billable'];

/** @throws InvalidInput naming every parameter that is wrong */
export function toTotalsQuery(query: Record<string, unknown>): TotalsQuery {
  const problems: ErrorDetail[] = [];
  const checked = <T>(name: string, holds: (value: unknown) => boolean, code: string, demand: string): T | null => {
    const value = query[name];
    if (value === undefined) return null;
    if (!holds(value)) problems.push({ pointer: `?${name}`, code, message: `${name} ${demand}.` });
    return value as T;
  };
  const id = (name: string) => checked<string>(name, (value) => isUUID(value), 'id', 'must be a UUID');
  const of = { taskId: id('taskId'), projectId: id('projectId'), userId: id('userId') };
  const isFlag = (value: unknown) => value === 'true' || value === 'false';
  const billable = checked<string>('billable', isFlag, 'flag', 'must be true or false');
  const groupBy = checked<string>('groupBy', isGrouping, 'choice', `takes each of ${TOTAL_KEYS.join(', ')} once`);
  if (problems.length > 0) throw new InvalidInput(problems, 'invalid_query');
  const keys = (groupBy?.split(',') ?? []) as TotalKey[];
  return { ...toOpenDayRange(query), ...of, groupBy: keys, billable: billable === null ? null : billable === 'true' };
}

function isGrouping(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const keys = value.split(',');
  return keys.every((key) => TOTAL_KEYS.includes(key as TotalKey)) && new Set(keys).size === keys.length;
}

export function toTimeTotalsResponse(groupBy: string[], rows: TotalRow[]): TimeTotalsResponse {
  return {
    groupBy,
    totals: rows.map(({ taskId, projectId, userId, week, entries, ...sums }) => ({
      taskId,
      projectId,
      userId,
      week,
      entries,
      hours: hoursOf(sums.minutes),
      roundedHours: hoursOf(sums.roundedMinutes),
      billableHours: hoursOf(sums.billableMinutes),
    })),
  };
}

function hoursOf(minutes: number): number {
  return Math.round((minutes * 100) / 60) / 100;
}

export class PutTimeRulesBody {
  @IsIn(ROUNDINGS, { message: `roundTo must be one of ${ROUNDINGS.join(', ')}.` })
  @ApiProperty({ type: 'integer', enum: ROUNDINGS, description: 'Minutes; 0 does not round' })
  roundTo: Rounding;
  @Choice(ROUNDING_MODES)
  mode: RoundingMode;
}

export class TimeRulesResponse {
  @ApiProperty({ type: 'integer', enum: ROUNDINGS, description: 'Minutes; 0 does not round' })
  roundTo: number;
  @ApiProperty({ enum: ROUNDING_MODES })
  mode: string;
}

export function toTimeRulesResponse({ roundTo, mode }: TimeRules): TimeRulesResponse {
  return { roundTo, mode };
}
