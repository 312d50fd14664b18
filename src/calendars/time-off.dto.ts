import { ApiProperty } from '@nestjs/swagger';
import { Choice, Day, Text, Whole } from '../platform/http/fields.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import { TIME_OFF_KINDS, type TimeOffKind } from './calendars.types.ts';
import type { NewTimeOff, ShownTimeOff } from './time-off.service.ts';

const PART = { min: 1, max: 1_440, optional: true, nullable: true, description: 'null: the whole day' };
const NOTE = { max: 500, optional: true, nullable: true };

export class AddTimeOffBody {
  @Choice(TIME_OFF_KINDS)
  kind: TimeOffKind;
  @Day()
  from: string;
  @Day({ description: 'Last day off' })
  to: string;
  @Whole(PART)
  minutesPerDay?: number | null;
  @Text(NOTE)
  note?: string | null;
}

export class UpdateTimeOffBody {
  @Choice(TIME_OFF_KINDS, { optional: true })
  kind?: TimeOffKind;
  @Day({ optional: true })
  from?: string;
  @Day({ optional: true })
  to?: string;
  @Whole(PART)
  minutesPerDay?: number | null;
  @Text(NOTE)
  note?: string | null;
}

export const TIME_OFF_LIST: ListSpec = {
  filters: { from: { kind: 'day' }, to: { kind: 'day' } },
  sorts: ['from'],
  defaultSort: 'from',
};

export class TimeOffResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'uuid' })
  userId: string;
  @ApiProperty({ enum: TIME_OFF_KINDS, nullable: true, description: 'null for whoever may not change the calendar' })
  kind: string | null;
  @ApiProperty({ format: 'date' })
  from: string;
  @ApiProperty({ format: 'date' })
  to: string;
  @ApiProperty({ type: Number, nullable: true, description: 'null: the whole day' })
  minutesPerDay: number | null;
  @ApiProperty({ type: String, nullable: true, description: 'null also for whoever may not change the calendar' })
  note: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export function toTimeOff({ kind, from, to, minutesPerDay = null, note = null }: AddTimeOffBody): NewTimeOff {
  return { kind, firstDay: from, lastDay: to, minutesPerDay, note };
}

export function toTimeOffChanges({ kind, from, to, minutesPerDay, note }: UpdateTimeOffBody): Partial<NewTimeOff> {
  return { kind, firstDay: from, lastDay: to, minutesPerDay, note };
}

export function toTimeOffResponse(row: ShownTimeOff): TimeOffResponse {
  const { id, userId, kind, firstDay, lastDay, minutesPerDay, note, createdAt, updatedAt, version } = row;
  return {
    id,
    userId,
    kind,
    from: firstDay,
    to: lastDay,
    minutesPerDay,
    note,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    version,
  };
}
