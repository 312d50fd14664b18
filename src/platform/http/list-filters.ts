import { isUUID } from 'class-validator';
import type { ErrorDetail } from '../errors/app-error.ts';
import type { Condition, Operator } from '../database/list-query.types.ts';
import { isDay, isTime } from './fields.ts';

type Kind = 'id' | 'choice' | 'text' | 'day' | 'time' | 'number' | 'flag' | 'set';

export interface FilterSpec {
  kind: Kind;
  choices?: readonly string[];
  /** `null` as a value finds rows that have none. */
  nullable?: boolean;
  /** The id of somebody: `me` stands for whoever asks. */
  person?: boolean;
  /** Fewer than the kind has. */
  operators?: readonly Operator[];
}

/** Whoever asks; null for those who are nobody among the people. */
export interface Asking {
  userId: string | null;
}

const MAX_VALUES = 50;

const EQUALITY: Operator[] = ['eq', 'neq', 'in', 'nin'];
const ORDER: Operator[] = [...EQUALITY, 'lt', 'lte', 'gt', 'gte'];
const OPERATORS: Record<Kind, readonly Operator[]> = {
  id: EQUALITY,
  choice: EQUALITY,
  text: [...EQUALITY, 'contains'],
  day: ORDER,
  time: ORDER,
  number: ORDER,
  flag: EQUALITY,
  set: ['eq', 'in', 'all', 'none'],
};
const MANY: ReadonlySet<Operator> = new Set<Operator>(['in', 'nin', 'all', 'none']);
/** A day as seen from today in UTC: `today`, `today-7`, `today+14`. */
const RELATIVE_DAY = /^today([+-]\d{1,4})?$/;
const DAY_MS = 86_400_000;

function operatorsOf({ kind, operators }: FilterSpec): readonly Operator[] {
  return operators ?? OPERATORS[kind];
}

/** The condition, checked; or what is wrong with it. @param name as whoever reads the problem knows the field */
export function conditionOf(
  { field, operator, values }: { field: string; operator: string; values: (string | null)[] },
  filter: FilterSpec,
  { name, pointer, asking }: { name: string; pointer: string; asking: Asking },
): Condition | ErrorDetail {
  const wrong = (code: string, message: string): ErrorDetail => ({ pointer, code, message });
  const known = operatorsOf(filter).find((each) => each === operator);
  const isEmptiness = values.length === 1 && values[0] === null;
  // A set that is compared with nothing is asked whether it is empty.
  const isDistinct = operator === 'neq' && filter.kind === 'set' && isEmptiness;
  if (known === undefined && !isDistinct)
    return wrong('operator', `${field} can be filtered by ${operatorsOf(filter).join(', ')}.`);
  const checked = known ?? 'neq';
  if (!MANY.has(checked) && values.length !== 1) return wrong('single_value', `${name} takes one value.`);
  if (values.length === 0) return wrong('values', `${name} takes at least one value.`);
  if (values.length > MAX_VALUES) return wrong('too_many', `${name} takes at most ${MAX_VALUES} values.`);
  if (isEmptiness && filter.nullable && (checked === 'eq' || checked === 'neq'))
    return { field, operator: checked, values };
  const resolved: string[] = [];
  for (const value of values) {
    const meant = value === null ? null : meantBy(filter, value, asking);
    const demand = meant === null ? 'cannot be compared with null here' : demandOf(filter, meant);
    if (demand !== null) return wrong(filter.kind, `${name} ${demand}.`);
    resolved.push(meant!);
  }
  return { field, operator: checked, values: resolved };
}

function meantBy({ kind, person }: FilterSpec, value: string, { userId }: Asking): string {
  if (person === true && value === 'me' && userId !== null) return userId;
  if (kind === 'text' || kind === 'set') return value.normalize('NFC');
  const days = kind === 'day' ? RELATIVE_DAY.exec(value) : null;
  return days ? new Date(Date.now() + Number(days[1] ?? 0) * DAY_MS).toISOString().slice(0, 10) : value;
}

/** What is wrong with the value, or null. */
function demandOf({ kind, choices, person }: FilterSpec, value: string): string | null {
  if (value.includes('\0') || !value.isWellFormed() || value.length > 500)
    return 'holds a text that cannot be searched';
  switch (kind) {
    case 'id':
      return isUUID(value) ? null : `must be a UUID${person === true ? ', or me' : ''}`;
    case 'choice':
      return choices?.includes(value) ? null : `must be one of ${choices?.join(', ')}`;
    case 'day':
      return isDay(value) ? null : 'must be a date such as 2026-05-31, or one seen from today such as today-7';
    case 'time':
      return isTime(value) ? null : 'must be a time such as 2026-05-31T12:00:00Z';
    case 'number':
      return /^-?\d{1,12}(\.\d{1,6})?$/.test(value) ? null : 'must be a number';
    case 'flag':
      return value === 'true' || value === 'false' ? null : 'must be true or false';
    default:
      return value === '' ? 'must not be empty' : null;
  }
}

export function describeFilter(name: string, filter: FilterSpec): string {
  return `${describeKind(filter)} Operators: ${operatorsOf(filter).join(', ')}, as ${name}[${operatorsOf(filter).at(-1)}]=...; several values with commas.`;
}

function describeKind({ kind, choices, nullable, person }: FilterSpec): string {
  const what =
    kind === 'choice'
      ? `One of ${choices?.join(', ')}.`
      : {
          id: person === true ? 'A UUID, or me.' : 'A UUID.',
          day: 'A date, or today, today-7 and the like.',
          time: 'A time.',
          number: 'A number.',
          flag: 'true or false.',
          set: 'Entries: eq and in find sets with any of them, all those with all, none those without.',
          text: 'A text.',
        }[kind];
  return nullable ? `${what} null finds rows without.` : what;
}
