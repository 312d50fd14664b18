import { createParamDecorator, applyDecorators, type ExecutionContext } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { InvalidInput, type ErrorDetail } from '../errors/app-error.ts';
import type { Condition, Filters, ListQuery, SortKey } from '../database/list-query.types.ts';
import { ABOUT_EXPRESSIONS, parseExpression } from './filter-expression.ts';
import { conditionOf, describeFilter, type Asking, type FilterSpec } from './list-filters.ts';
import { TakesQuery, unknownParameter } from './query.guard.ts';
import type { AppRequest } from './request.ts';

/** What can be looked for. Anything else in the query string is an error, never ignored. */
export interface FiltersSpec {
  filters: Record<string, FilterSpec>;
  /** Whether it takes `q`, words as typed into a search box. */
  words?: 'optional' | 'required';
  /** Whether it takes `filter`, conditions put together; yes when not given. */
  expressions?: boolean;
  /** Parameters that the route reads itself, besides these. */
  besides?: readonly string[];
}

/** The same of a list, with what it can be sorted by. */
export interface ListSpec extends FiltersSpec {
  sorts: readonly string[];
  /** As in the query string: `-createdAt`. */
  defaultSort: string;
}

const MAX_LIMIT = 100;
const DEFAULT_LIMIT = 20;
const MAX_WORDS = 200;
const PARAMETER = /^([A-Za-z]+)(?:\[([a-z]+)\])?$/;
const OF_LISTS = ['limit', 'after', 'before', 'sort', 'count'];

/** The query string of a list, checked against its spec. */
export const List = createParamDecorator((spec: ListSpec, execution: ExecutionContext): ListQuery =>
  parseListQuery(queryOf(execution), spec, askingOf(execution)),
);

/** What is looked for, where the answer is no list that could be sorted or has pages. */
export const LookedFor = createParamDecorator((spec: FiltersSpec, execution: ExecutionContext): Filters => {
  const problems: ErrorDetail[] = [];
  const filters = parseFilters(queryOf(execution), spec, askingOf(execution), problems);
  if (problems.length > 0) throw new InvalidInput(problems, 'invalid_query');
  return filters;
});

const queryOf = (execution: ExecutionContext) =>
  execution.switchToHttp().getRequest<AppRequest>().query as Record<string, unknown>;

const askingOf = (execution: ExecutionContext): Asking => ({
  userId: execution.switchToHttp().getRequest<AppRequest>().actor?.userId ?? null,
});

type Single = (name: string) => string | undefined;

/** A parameter that was given once; else a problem. */
function singleOf(query: Record<string, unknown>, problems: ErrorDetail[]): Single {
  return (name) => {
    const value = query[name];
    if (value === undefined || typeof value === 'string') return value;
    problems.push({ pointer: `?${name}`, code: 'repeated', message: `${name} may be given once.` });
    return undefined;
  };
}

function parseFilters(
  query: Record<string, unknown>,
  spec: FiltersSpec,
  asking: Asking,
  problems: ErrorDetail[],
  ofLists: readonly string[] = [],
): Filters {
  const conditions: Condition[] = [];
  const single = singleOf(query, problems);
  for (const name of Object.keys(query)) {
    if (
      name === 'tenant' ||
      ofLists.includes(name) ||
      (name === 'q' && spec.words !== undefined) ||
      (name === 'filter' && spec.expressions !== false) ||
      spec.besides?.includes(name)
    )
      continue;
    const value = single(name);
    if (value === undefined) continue;
    const condition = parseCondition(name, value, spec, asking);
    if ('field' in condition) conditions.push(condition);
    else problems.push(condition);
  }
  const expression = spec.expressions === false ? undefined : single('filter');
  const filter = expression === undefined ? null : parseExpression(expression, spec.filters, asking, problems);
  const words = spec.words === undefined ? undefined : parseWords(single('q'), spec.words, problems);
  return { conditions, filter: filter ?? undefined, words };
}

/** @throws InvalidInput naming every parameter that is unknown or wrong */
function parseListQuery(query: Record<string, unknown>, spec: ListSpec, asking: Asking): ListQuery {
  const problems: ErrorDetail[] = [];
  const single = singleOf(query, problems);
  const filters = parseFilters(query, spec, asking, problems, OF_LISTS);
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
  return { ...filters, sort, limit, after, before, count: count === 'true' };
}

function parseCondition(name: string, text: string, spec: FiltersSpec, asking: Asking): Condition | ErrorDetail {
  const [, field = '', suffix] = PARAMETER.exec(name) ?? [];
  const filter = Object.hasOwn(spec.filters, field) ? spec.filters[field] : undefined;
  if (!filter) return unknownParameter(name);
  const texts = text.split(',');
  const operator = suffix ?? (texts.length > 1 ? 'in' : 'eq');
  // What is looked for inside a text may hold a comma; null asks for rows without a value, where there are such.
  const values = operator === 'contains' ? [text] : text === 'null' && filter.nullable ? [null] : texts;
  return conditionOf({ field, operator, values }, filter, { name, pointer: `?${name}`, asking });
}

/** What was typed, as it was: a blank at its end says that the last word is complete. */
function parseWords(
  words: string | undefined,
  presence: 'optional' | 'required',
  problems: ErrorDetail[],
): string | undefined {
  if (words === undefined && presence === 'optional') return undefined;
  const isText = words !== undefined && words.trim() !== '' && words.length <= MAX_WORDS;
  if (isText && words.isWellFormed() && !words.includes('\0')) return words;
  problems.push({ pointer: '?q', code: 'words', message: `q takes words, 1 to ${MAX_WORDS} characters.` });
  return undefined;
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
    ApiLookedFor(spec),
  );

/** Documents what can be looked for. */
export const ApiLookedFor = (spec: FiltersSpec) =>
  applyDecorators(
    TakesQuery(),
    ...(spec.words === undefined ? [] : [WORDS(spec.words === 'required')]),
    ...(spec.expressions === false ? [] : [EXPRESSION]),
    ...Object.entries(spec.filters).map(([name, filter]) =>
      ApiQuery({
        name,
        required: false,
        schema: { type: 'string' },
        description: describeFilter(name, filter),
      }),
    ),
  );

const EXPRESSION = ApiQuery({
  name: 'filter',
  required: false,
  schema: { type: 'string' },
  description: ABOUT_EXPRESSIONS,
});

const WORDS = (required: boolean) =>
  ApiQuery({
    name: 'q',
    required,
    schema: { type: 'string', maxLength: MAX_WORDS },
    description: 'Words as typed into a search box: "a phrase", -without, this or that; the last one may be incomplete',
  });
