import { ApiProperty } from '@nestjs/swagger';
import { Day, Line, Text } from '../platform/http/fields.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import type { HolidayRow } from './holidays.queries.ts';

export class AddHolidayBody {
  @Day()
  day: string;
  @Line({ max: 200 })
  name: string;
}

export class ImportHolidaysBody {
  @Text({
    max: 1_000_000,
    description: 'A calendar file (RFC 5545), as text. All-day events are imported, with their recurrences',
  })
  ical: string;
}

export const HOLIDAY_LIST: ListSpec = {
  filters: { day: { kind: 'day' } },
  sorts: ['day'],
  defaultSort: 'day',
};

export class HolidayResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ format: 'date' })
  day: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

export class SkippedEventResponse {
  @ApiProperty({ description: 'The SUMMARY of the event' })
  name: string;
  @ApiProperty({ description: 'Empty when the event has none' })
  uid: string;
  @ApiProperty({ example: 'not an all-day event' })
  reason: string;
}

export class ImportOutcomeResponse {
  @ApiProperty({ description: 'Days that became holidays' })
  added: number;
  @ApiProperty({ description: 'Days of events that were imported before' })
  known: number;
  @ApiProperty({ description: 'Events that gave no holiday' })
  skipped: number;
  @ApiProperty({ type: [SkippedEventResponse], description: 'The first 50 of them, each with the reason' })
  skippedEvents: SkippedEventResponse[];
}

export function toHolidayResponse({ id, day, name, createdAt }: HolidayRow): HolidayResponse {
  return { id, day, name, createdAt: createdAt.toISOString() };
}
