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
  @Text({ max: 1_000_000, description: 'A calendar file (RFC 5545), as text. Days and yearly days are taken' })
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

export class ImportOutcomeResponse {
  @ApiProperty()
  added: number;
  @ApiProperty({ description: 'Days of events that were imported before' })
  known: number;
  @ApiProperty({ description: 'Events with a time of day, that recur in another way than yearly, or cannot be read' })
  skipped: number;
}

export function toHolidayResponse({ id, day, name, createdAt }: HolidayRow): HolidayResponse {
  return { id, day, name, createdAt: createdAt.toISOString() };
}
