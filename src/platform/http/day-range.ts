import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { daysBetween } from '../dates/days.ts';
import { InvalidInput } from '../errors/app-error.ts';
import { isDay } from './fields.ts';
import { TakesQuery } from './query.guard.ts';

const DAY = { type: 'string', format: 'date' } as const;

/** Documents `?from=&to=`; the route reads its query string itself. */
export const DayRange = ({ required = true } = {}) =>
  applyDecorators(
    TakesQuery(),
    ApiQuery({ name: 'from', required, schema: DAY, description: 'First day' }),
    ApiQuery({ name: 'to', required, schema: DAY, description: 'Last day' }),
  );

/** First and last day of the question, both asked for. @throws InvalidInput */
export function toDayRange({ from, to }: Record<string, unknown>, mostDays: number): { from: string; to: string } {
  for (const [name, value] of Object.entries({ from, to })) if (!isDay(value)) refuseDay(name);
  const range = { from: from as string, to: to as string };
  if (range.from > range.to) refuse('before_start', 'to must not be before from.');
  if (daysBetween(range.from, range.to).length > mostDays) refuse('range', `At most ${mostDays} days at a time.`);
  return range;
}

/** The same where either may be left out. @throws InvalidInput */
export function toOpenDayRange({ from, to }: Record<string, unknown>): { from: string | null; to: string | null } {
  for (const [name, value] of Object.entries({ from, to })) if (value !== undefined && !isDay(value)) refuseDay(name);
  if (isDay(from) && isDay(to) && from > to) refuse('before_start', 'to must not be before from.');
  return { from: isDay(from) ? from : null, to: isDay(to) ? to : null };
}

function refuseDay(name: string): never {
  throw new InvalidInput(
    [{ pointer: `?${name}`, code: 'day', message: `${name} must be a date such as 2026-05-31.` }],
    'invalid_query',
  );
}

function refuse(code: string, message: string): never {
  throw new InvalidInput([{ pointer: '?to', code, message }], 'invalid_query');
}
