import type { Condition, FilterExpression, Operator } from './list-query.types.ts';

/** A column that a list can be filtered or sorted by. */
export interface ListColumn {
  /** Expression over the list's own table; written by us, never by a caller. */
  sql: string;
  /** PostgreSQL type that a value is cast to. */
  type: 'uuid' | 'text' | 'date' | 'timestamptz' | 'numeric' | 'boolean' | 'text[]';
  /** Sorted as if it were at the far end, so that rows without a value come last in either direction. */
  nullable?: boolean;
  /** How a value is spelled in a column that knows one spelling alone: it is compared as that. */
  comparedAs?: (value: string) => string;
  /** What people see of it, where that is another expression: a part of it is looked for there. */
  shownAs?: string;
  /** Whoever compares it looks for a part of it, whatever the case. */
  byPart?: boolean;
  /** For the title and the tags of what searches know: its id, by which they are looked up in the searches' indexes. */
  searchedAs?: string;
}

/** Adds a parameter to the statement and gives its place, cast to the type. */
export type BindValue = (value: unknown, type: string) => string;

const FAR_END: Partial<Record<ListColumn['type'], [ascending: string, descending: string]>> = {
  date: [`'infinity'::date`, `'-infinity'::date`],
  timestamptz: [`'infinity'::timestamptz`, `'-infinity'::timestamptz`],
  numeric: [`'Infinity'::numeric`, `'-Infinity'::numeric`],
  uuid: [`'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid`, `'00000000-0000-0000-0000-000000000000'::uuid`],
};

/** What a row is sorted by: without a value it comes last in either direction. */
export function sortedAs({ sql, type, nullable }: ListColumn, descending: boolean): string {
  const ends = nullable ? FAR_END[type] : undefined;
  return ends ? `coalesce(${sql}, ${ends[descending ? 1 : 0]})` : sql;
}

const COMPARISONS: Record<Exclude<Operator, 'in' | 'nin' | 'contains' | 'all' | 'none'>, string> = {
  eq: '=',
  neq: 'IS DISTINCT FROM',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
};

/** The expression as a condition that is true or false for every row, never unknown: its negation finds all others. */
export function expressionSql(
  expression: FilterExpression,
  columns: Record<string, ListColumn>,
  bind: BindValue,
): string {
  const inner = (each: FilterExpression) => expressionSql(each, columns, bind);
  if ('all' in expression) return `(${expression.all.map(inner).join(' AND ')})`;
  if ('any' in expression) return `(${expression.any.map(inner).join(' OR ')})`;
  if ('not' in expression) return `((${inner(expression.not)}) IS NOT TRUE)`;
  return conditionSql(expression, columns[expression.field]!, bind);
}

export function conditionSql({ field, operator, values }: Condition, column: ListColumn, bind: BindValue): string {
  const { sql, type } = column;
  if (type === 'text[]') return setSql(column, operator, values, bind);
  if (values[0] === null) return `${sql} IS ${operator === 'neq' ? 'NOT ' : ''}NULL`;
  if (column.byPart) return partSql(sql, operator, values, bind);
  if (operator === 'contains') return containsSql({ ...column, sql: column.shownAs ?? sql }, values[0]!, bind);
  if (column.comparedAs) {
    const spelled = values.map((value) => (value === null ? null : column.comparedAs!(value)));
    return conditionSql({ field, operator, values: spelled }, { sql, type }, bind);
  }
  if (operator === 'in') return `${sql} = ANY (${bind(values, `${type}[]`)})`;
  if (operator === 'nin') return `(${sql} <> ALL (${bind(values, `${type}[]`)}) OR ${sql} IS NULL)`;
  // As it is sorted, so that one index serves both; what has no value stands behind everything there.
  const compared = operator === 'lt' || operator === 'lte' ? sortedAs(column, false) : sql;
  return `${compared} ${COMPARISONS[operator as keyof typeof COMPARISONS]} ${bind(values[0], type)}`;
}

function setSql(
  { sql, searchedAs }: ListColumn,
  operator: Operator,
  values: (string | null)[],
  bind: BindValue,
): string {
  if (values[0] === null) return `cardinality(${sql}) ${operator === 'neq' ? '>' : '='} 0`;
  const set = bind(values, 'text[]');
  if (operator === 'none') return `NOT (${sql} && ${set})`;
  const meets = operator === 'all' ? '@>' : '&&';
  return searchedAs === undefined
    ? `${sql} ${meets} ${set}`
    : `${searchedAs} IN (SELECT e.id FROM "@tenant".search_entries e WHERE e.tags ${meets} ${set})`;
}

function partSql(sql: string, operator: Operator, values: (string | null)[], bind: BindValue): string {
  const found = `EXISTS (SELECT 1 FROM unnest(${bind(values, 'text[]')}) AS part WHERE strpos(lower(${sql}), lower(part)) > 0)`;
  return operator === 'neq' || operator === 'nin' ? `NOT ${found}` : found;
}

/** Whatever the case and the accents. What means something to LIKE is escaped after the accents are off, which make some of it. */
function containsSql({ sql, searchedAs }: ListColumn, part: string, bind: BindValue): string {
  // Of accents alone nothing is left, and everything would hold that.
  const place = `nullif(extensions.searchable(${bind(part, 'text')}), '')`;
  const escaped = `'%' || replace(replace(replace(${place}, '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%'`;
  return searchedAs === undefined
    ? `extensions.searchable(${sql}) LIKE ${escaped}`
    : `${searchedAs} IN (SELECT e.id FROM "@tenant".search_entries e WHERE e.title LIKE ${escaped})`;
}
