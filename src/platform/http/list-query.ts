import { createParamDecorator, applyDecorators, type ExecutionContext } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import { InvalidInput, type ErrorDetail } from '../errors/app-error.ts';
import type { Condition, ListQuery, Operator, SortKey } from '../database/list-query.types.ts';
import { isDay, isTime } from './fields.ts';
import { TakesQuery, unknownParameter } from './query.guard.ts';
import type { AppRequest } from './request.ts';

type Kind = 'id' | 'choice' | 'text' | 'day' | 'time' | 'number' | 'flag' | 'set';

export interface FilterSpec {
  kind: Kind;
  choices?: readonly string[];
  /** `null` as a value finds rows that have none. */
  nullable?: boolean;
}

/** What a list can be filtered and sorted by. Anything else in the query string is an error, never ignored. */
export interface ListSpec {
  filters: Record<string, FilterSpec>;
  sorts: readonly string[];
  /** As in the query string: `-createdAt`. */
  defaultSort: string;
  /** Parameters that the route reads itself, besides those of a list. */
  besides?: readonly string[];
}

const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 20;
const MAX_VALUES = 50;
const ORDERED: ReadonlySet<Kind> = new Set<Kind>(['day', 'time', 'number']);
const PARAMETER = /^([A-Za-z]+)(?:\[([a-z]+)\])?$/;
const RESERVED = new Set(['limit', 'after', 'before', 'sort', 'count', 'tenant']);

/** The query string of a list, checked against its spec. */
export const List = createParamDecorator((spec: ListSpec, execution: ExecutionContext): ListQuery =>
  parseListQuery(execution.switchToHttp().getRequest<AppRequest>().query as Record<string, unknown>, spec),
);

/** @throws InvalidInput naming every parameter that is unknown or wrong */
function parseListQuery(query: Record<string, unknown>, spec: ListSpec): ListQuery {
  const problems: ErrorDetail[] = [];
  const conditions: Condition[] = [];
  const single = (name: string): string | undefined => {
    const value = query[name];
    if (value === undefined || typeof value === 'string') return value;
    problems.push({ pointer: `?${name}`, code: 'repeated', message: `${name} may be given once.` });
    return undefined;
  };
  for (const name of Object.keys(query)) {
    if (RESERVED.has(name) || spec.besides?.includes(name)) continue;
    const value = single(name);
    if (value === undefined) continue;
    const condition = parseCondition(name, value, spec);
    if ('field' in condition) conditions.push(condition);
    else problems.push(condition);
  }
  const limit = parseLimit(single('limit'), problems);
  const sort = parseSort(single('sort') ?? spec.defaultSort, spec, problems);
  const count = single('count');
  if (count !== undefined && count !== 'true' && count !== 'false') {
    problems.push({ pointer: '?count', code: 'boolean', message: 'count must be true or false.' });
  }
  const [after, before] = [single('after'), single('before')];
  if (after !== undefined && before !== undefined) {
    problems.push({ pointer: '?before', code: 'exclusive', message: 'Give after or before, not both.' });
  }
  if (problems.length > 0) throw new InvalidInput(problems, 'invalid_query');
  return { conditions, sort, limit, after, before, count: count === 'true' };
}

function parseCondition(name: string, text: string, spec: ListSpec): Condition | ErrorDetail {
  const [, field = '', suffix] = PARAMETER.exec(name) ?? [];
  const filter = Object.hasOwn(spec.filters, field) ? spec.filters[field] : undefined;
  if (!filter) return unknownParameter(name);
  const values = text.split(',');
  const operator = (suffix ?? (values.length > 1 ? 'in' : 'eq')) as Operator;
  const wrong = (code: string, message: string): ErrorDetail => ({ pointer: `?${name}`, code, message });
  if (!operatorsOf(filter).includes(operator)) {
    return wrong('operator', `${field} can be filtered by ${operatorsOf(filter).join(', ')}.`);
  }
  if (operator !== 'in' && operator !== 'nin' && values.length > 1)
    return wrong('single_value', `${name} takes one value.`);
  if (values.length > MAX_VALUES) return wrong('too_many', `${name} takes at most ${MAX_VALUES} values.`);
  if (values.length === 1 && text === 'null' && filter.nullable && (operator === 'eq' || operator === 'neq')) {
    return { field, operator, values: [null] };
  }
  for (const value of values) {
    const demand = demandOf(filter, value);
    if (demand) return wrong(filter.kind, `${name} ${demand}.`);
  }
  return { field, operator, values };
}

function operatorsOf(filter: FilterSpec): Operator[] {
  if (filter.kind === 'set') return ['eq', 'in'];
  return ORDERED.has(filter.kind) ? ['eq', 'neq', 'in', 'nin', 'lt', 'lte', 'gt', 'gte'] : ['eq', 'neq', 'in', 'nin'];
}

/** What is wrong with the value, or null. */
function demandOf({ kind, choices }: FilterSpec, value: string): string | null {
  if (value.includes('\0') || !value.isWellFormed() || value.length > 500)
    return 'holds a text that cannot be searched';
  switch (kind) {
    case 'id':
      return isUUID(value) ? null : 'must be a UUID';
    case 'choice':
      return choices?.includes(value) ? null : `must be one of ${choices?.join(', ')}`;
    case 'day':
      return isDay(value) ? null : 'must be a date such as 2026-05-31';
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

function parseLimit(text: string | undefined, problems: ErrorDetail[]): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  problems.push({ pointer: '?limit', code: 'range', message: `limit must be a whole number from 1 to ${MAX_LIMIT}.` });
  return DEFAULT_LIMIT;
}

function parseSort(text: string, spec: ListSpec, problems: ErrorDetail[]): SortKey[] {
  const keys = text.split(',').map((key) => ({ field: key.replace(/^-/, ''), descending: key.startsWith('-') }));
  const fields = keys.map((key) => key.field);
  if (fields.some((field) => !spec.sorts.includes(field)) || new Set(fields).size !== fields.length) {
    problems.push({
      pointer: '?sort',
      code: 'sort',
      message: `sort takes each of ${spec.sorts.join(', ')} once, with - in front to reverse it.`,
    });
  }
  return keys;
}

/** Documents the query string that the spec allows. */
export const ApiList = (spec: ListSpec) =>
  applyDecorators(
    TakesQuery(),
    ApiQuery({
      name: 'limit',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
    }),
    ApiQuery({
      name: 'after',
      required: false,
      schema: { type: 'string' },
      description: 'nextCursor of the page before',
    }),
    ApiQuery({
      name: 'before',
      required: false,
      schema: { type: 'string' },
      description: 'prevCursor of the page behind',
    }),
    ApiQuery({ name: 'count', required: false, schema: { type: 'boolean' }, description: 'true adds meta.total' }),
    ApiQuery({
      name: 'sort',
      required: false,
      schema: { type: 'string', default: spec.defaultSort },
      description: `Comma separated, - reverses: ${spec.sorts.join(', ')}`,
    }),
    ...Object.entries(spec.filters).map(([name, filter]) =>
      ApiQuery({
        name,
        required: false,
        schema: { type: 'string' },
        description: `${describeKind(filter)} Operators: ${operatorsOf(filter).join(', ')}, as ${name}[lt]=...; several values with commas.`,
      }),
    ),
  );

function describeKind({ kind, choices, nullable }: FilterSpec): string {
  const what =
    kind === 'choice'
      ? `One of ${choices?.join(', ')}.`
      : {
          id: 'A UUID.',
          day: 'A date.',
          time: 'A time.',
          number: 'A number.',
          flag: 'true or false.',
          set: 'One of the entries.',
          text: 'A text.',
        }[kind];
  return nullable ? `${what} null finds rows without.` : what;
}
