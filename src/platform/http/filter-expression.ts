import type { ErrorDetail } from '../errors/app-error.ts';
import type { FilterExpression } from '../database/list-query.types.ts';
import { conditionOf, type Asking, type FilterSpec } from './list-filters.ts';

const MAX_BYTES = 4_000;
const MAX_DEPTH = 5;
const MAX_CONDITIONS = 50;
/** No index helps to look into a long text: every row is read for each. */
const MAX_CONTAINS = 5;

/** What `filter` says in the documentation of every list that takes it. */
export const ABOUT_EXPRESSIONS = `Conditions put together, as JSON: {"or":[{"status":"todo"},{"priority":{"in":["high","urgent"]}}]}. Members of an object are all met; and, or, not take objects. At most ${MAX_CONDITIONS} conditions, ${MAX_CONTAINS} of them contains, ${MAX_DEPTH} levels and ${MAX_BYTES} bytes. The fields and operators are those of the parameters.`;

interface Reading {
  filters: Record<string, FilterSpec>;
  asking: Asking;
  problems: ErrorDetail[];
  conditions: number;
  contains: number;
}

/** @returns the expression; null when there are problems, which are added to those given */
export function parseExpression(
  text: string,
  filters: Record<string, FilterSpec>,
  asking: Asking,
  problems: ErrorDetail[],
): FilterExpression | null {
  const before = problems.length;
  const refuse = (code: string, message: string) => {
    problems.push({ pointer: '?filter', code, message });
    return null;
  };
  if (Buffer.byteLength(text) > MAX_BYTES) return refuse('size', `filter takes at most ${MAX_BYTES} bytes.`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse('json', 'filter must be JSON.');
  }
  const reading: Reading = { filters, asking, problems, conditions: 0, contains: 0 };
  const expression = readObject(json, '?filter', 1, reading);
  if (reading.conditions > MAX_CONDITIONS)
    return refuse('too_many', `filter takes at most ${MAX_CONDITIONS} conditions.`);
  if (reading.contains > MAX_CONTAINS)
    return refuse('too_many', `filter takes contains at most ${MAX_CONTAINS} times.`);
  return problems.length > before ? null : expression;
}

function readObject(value: unknown, pointer: string, depth: number, reading: Reading): FilterExpression {
  const members = membersOf(value);
  if (members === null || members.length === 0)
    return wrong('object', reading, pointer, 'must be an object with at least one member');
  if (depth > MAX_DEPTH) return wrong('depth', reading, pointer, `may be nested ${MAX_DEPTH} deep`);
  return {
    all: members.map(([name, inner]) => readMember(name, inner, `${pointer}/${escaped(name)}`, depth, reading)),
  };
}

function readMember(name: string, value: unknown, pointer: string, depth: number, reading: Reading): FilterExpression {
  if (name === 'not') return { not: readObject(value, pointer, depth + 1, reading) };
  if (name === 'and' || name === 'or') {
    if (!Array.isArray(value) || value.length === 0)
      return wrong('list', reading, pointer, 'must be an array of at least one object');
    const parts = value.map((each, i) => readObject(each, `${pointer}/${i}`, depth + 1, reading));
    return name === 'and' ? { all: parts } : { any: parts };
  }
  const filter = Object.hasOwn(reading.filters, name) ? reading.filters[name] : undefined;
  if (!filter) return wrong('unknown_field', reading, pointer, 'is no field that this list can be filtered by');
  const operators = membersOf(value);
  if (operators === null) return readCondition({ name, filter, operator: 'eq', value, pointer }, reading);
  if (operators.length === 0) return wrong('object', reading, pointer, 'must have at least one operator');
  return {
    all: operators.map(([operator, inner]) =>
      readCondition({ name, filter, operator, value: inner, pointer: `${pointer}/${escaped(operator)}` }, reading),
    ),
  };
}

interface Comparison {
  name: string;
  filter: FilterSpec;
  operator: string;
  value: unknown;
  pointer: string;
}

function readCondition({ name, filter, operator, value, pointer }: Comparison, reading: Reading): FilterExpression {
  reading.conditions += 1;
  if (operator === 'contains') reading.contains += 1;
  if (Array.isArray(value) && operator === 'eq')
    return wrong('single_value', reading, pointer, 'takes one value; several go with in');
  const values = (Array.isArray(value) ? value : [value]).map((each) => textOf(each, filter));
  if (values.includes(undefined))
    return wrong(filter.kind, reading, pointer, `must hold values of the kind ${KINDS[filter.kind]}`);
  const checked = conditionOf({ field: name, operator, values: values as (string | null)[] }, filter, {
    name: pointer.slice(1),
    pointer,
    asking: reading.asking,
  });
  if ('field' in checked) return checked;
  reading.problems.push(checked);
  return NOTHING;
}

/** How a value is written in JSON. */
const KINDS: Record<FilterSpec['kind'], 'text' | 'number' | 'boolean'> = {
  id: 'text',
  choice: 'text',
  text: 'text',
  day: 'text',
  time: 'text',
  number: 'number',
  flag: 'boolean',
  set: 'text',
};

/** As the parameters have it; undefined for a value of another kind, or one that is no single value. */
function textOf(value: unknown, { kind }: FilterSpec): string | null | undefined {
  if (value === null) return null;
  if (typeof value === 'string') return KINDS[kind] === 'text' ? value : undefined;
  return (typeof value === 'number' || typeof value === 'boolean') && typeof value === KINDS[kind]
    ? String(value)
    : undefined;
}

/** Stands where a problem was noted: the expression is not used then. */
const NOTHING: FilterExpression = { any: [] };

function wrong(code: string, { problems }: Reading, pointer: string, what: string): FilterExpression {
  problems.push({ pointer, code, message: `${pointer.slice(1)} ${what}.` });
  return NOTHING;
}

function membersOf(value: unknown): [string, unknown][] | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : null;
}

/** RFC 6901. */
function escaped(name: string): string {
  return name.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');
}
