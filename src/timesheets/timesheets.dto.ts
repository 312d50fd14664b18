import { ApiProperty } from '@nestjs/swagger';
import { mondayOf } from '../platform/dates/days.ts';
import { InvalidInput } from '../platform/errors/app-error.ts';
import { Text, isDay } from '../platform/http/fields.ts';
import type { Timesheet } from './timesheets.service.ts';

export class ApproveWeekBody {
  @Text({ min: 0, max: 2_000, optional: true, nullable: true })
  note?: string | null;
}

class ApprovalResponse {
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'null: the system' })
  approvedBy: string | null;
  @ApiProperty({ format: 'date-time' })
  approvedAt: string;
  @ApiProperty({ type: String, nullable: true })
  note: string | null;
  @ApiProperty({ description: 'As it was counted then' })
  entries: number;
  @ApiProperty({ description: 'As it was counted then' })
  minutes: number;
  @ApiProperty({ description: 'As it was counted then' })
  roundedMinutes: number;
}

export class TimesheetResponse {
  @ApiProperty({ format: 'date', description: 'Its Monday' })
  week: string;
  @ApiProperty({ enum: ['open', 'approved'] })
  status: string;
  @ApiProperty({ description: 'Entries that are finished' })
  entries: number;
  @ApiProperty({ description: 'As worked' })
  minutes: number;
  @ApiProperty({ description: 'After the rules of the projects' })
  roundedMinutes: number;
  @ApiProperty({ description: 'Of the rounded ones' })
  billableMinutes: number;
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'A timer that began in this week and runs',
  })
  runningEntryId: string | null;
  @ApiProperty({ type: ApprovalResponse, nullable: true })
  approval: ApprovalResponse | null;
}

export class TimesheetsResponse {
  @ApiProperty({ format: 'uuid' })
  userId: string;
  @ApiProperty({ type: [TimesheetResponse], description: 'Oldest first, also those without an entry' })
  weeks: TimesheetResponse[];
}

export function toTimesheetResponse({ approval, ...sheet }: Timesheet): TimesheetResponse {
  return {
    week: sheet.week,
    status: approval ? 'approved' : 'open',
    entries: sheet.entries,
    minutes: sheet.minutes,
    roundedMinutes: sheet.roundedMinutes,
    billableMinutes: sheet.billableMinutes,
    runningEntryId: sheet.runningEntryId,
    approval: approval && {
      approvedBy: approval.approvedBy,
      approvedAt: approval.approvedAt.toISOString(),
      note: approval.note,
      entries: approval.entries,
      minutes: approval.minutes,
      roundedMinutes: approval.roundedMinutes,
    },
  };
}

/** @throws InvalidInput unless it is a Monday */
export function toWeek(value: string): string {
  if (isDay(value) && mondayOf(value) === value) return value;
  throw new InvalidInput([{ pointer: ':week', code: 'week', message: 'week must be a Monday such as 2026-06-01.' }]);
}
