import { createHash } from 'node:crypto';
import { InvalidInput } from '../errors/app-error.ts';
import { Page } from './page.ts';
import { conditionSql, expressionSql, sortedAs, type BindValue, type ListColumn } from './filter-sql.ts';
import type { Filters, ListQuery, SortKey } from './list-query.types.ts';
import { wordsSql } from './typed-words.ts';

export type { ListColumn } from './filter-sql.ts';

export interface ListSource {
  /** What is selected, without the word SELECT. */
  select: string;
  /** Tables and conditions: `"@tenant".tasks t WHERE ...`, with at least one condition. */
  from: string;
  parameters: unknown[];
  columns: Record<string, ListColumn>;
  /** Where a field is sorted by another expression than it is filtered by. */
  sortColumns?: Record<string, ListColumn>;
  /** The unique column that ends every order. */
  id: ListColumn;
  /** Where the list takes words: what its rows are to searches. The id is theirs. */
  searched?: 'task' | 'project' | 'comment';
}

/** Whose rows are listed, and how they are read: a TenantContext, or the registry. */
export interface ListReader {
  tenant: { id: string };
  query<Row>(sql: string, parameters?: unknown[]): Promise<Row[]>;
}

/** For lists of the installation, which belong to no tenant. */
export function registryReader(registry: { query(sql: string, parameters?: unknown[]): Promise<unknown> }): ListReader {
  return {
    tenant: { id: 'the installation' },
    query: async <Row>(sql: string, parameters?: unknown[]) => (await registry.query(sql, parameters)) as Row[],
  };
}

interface Key extends SortKey {
  column: ListColumn;
}

/**
 * One page by keyset: rows that nobody changes meanwhile are neither repeated nor lost, and page 1,000 costs what
 * page 1 does. A cursor holds the sort values of the row it stands on and is bound to tenant, filter and sort.
 */
export async function listPage<Row extends object>(
  ctx: ListReader,
  source: ListSource,
  query: ListQuery,
): Promise<Page<Row>> {
  const last = query.sort.at(-1);
  const keys: Key[] = [
    ...query.sort.map((key) => ({ ...key, column: (source.sortColumns?.[key.field] ?? source.columns[key.field])! })),
    { field: 'id', descending: last?.descending ?? false, column: source.id },
  ];
  const filtered = filteredBy(source, query);
  const parameters = [...filtered.parameters];
  const bind = (value: unknown, type: string): string => `$${parameters.push(value)}::${type}`;

  const binding = bindingOf(ctx, source, query);
  const backwards = query.before !== undefined;
  const cursor = query.after ?? query.before;
  const position = cursor === undefined ? '' : ` AND ${afterSql(decode(cursor, keys, binding), keys, backwards, bind)}`;
  const sortValues = keys.map((key, i) => `, ${sortSql(key)}::text AS "sort ${i}"`).join('');
  const order = keys.map((key) => `${sortSql(key)} ${key.descending !== backwards ? 'DESC' : 'ASC'}`).join(', ');
  const sql = `SELECT ${source.select}${sortValues} FROM ${filtered.from}${position} ORDER BY ${order} LIMIT ${query.limit + 1}`;
  const rows = await ctx.query<Record<string, unknown>>(sql, parameters);

  const beyond = rows.length > query.limit;
  const found = rows.slice(0, query.limit);
  if (backwards) found.reverse();
  const cursorOf = (row: Record<string, unknown> | undefined) =>
    row
      ? encode(
          keys.map((_, i) => row[`sort ${i}`] as string),
          binding,
        )
      : null;
  const more = backwards ? true : beyond;
  const meta = {
    limit: query.limit,
    nextCursor: more ? cursorOf(found.at(-1)) : null,
    prevCursor: (backwards ? beyond : query.after !== undefined) ? cursorOf(found[0]) : null,
    hasMore: more && found.length > 0,
    ...(query.count ? { total: await countRows(ctx, filtered) } : {}),
  };
  // Emptied and not deleted: an object that lost a key is slow to read from then on.
  const sortNames = keys.map((_, i) => `sort ${i}`);
  for (const row of found) for (const name of sortNames) row[name] = undefined;
  return new Page(found as Row[], meta);
}

/** Tables and conditions of a list, with the filters added, and the parameters of both. */
export function filteredBy(
  source: Omit<ListSource, 'select'>,
  filters: Filters,
): { from: string; parameters: unknown[] } {
  const parameters = [...source.parameters];
  const bind = (value: unknown, type: string): string => `$${parameters.push(value)}::${type}`;
  const conditions = filtersOf(source, filters, bind).map((filter) => ` AND ${filter}`);
  return { from: source.from + conditions.join(''), parameters };
}

async function countRows(ctx: ListReader, filtered: { from: string; parameters: unknown[] }): Promise<number> {
  const rows = await ctx.query<{ total: number }>(
    `SELECT count(*)::int AS total FROM ${filtered.from}`,
    filtered.parameters,
  );
  return rows[0]!.total;
}

function filtersOf(source: Omit<ListSource, 'select'>, query: Filters, bind: BindValue): string[] {
  const filters = query.conditions.map((condition) => conditionSql(condition, source.columns[condition.field]!, bind));
  if (query.filter) filters.push(expressionSql(query.filter, source.columns, bind));
  if (query.words !== undefined && source.searched !== undefined)
    filters.push(`${source.id.sql} IN (
      SELECT e.id FROM "@tenant".search_entries e WHERE e.type = '${source.searched}' AND e.document @@ ${wordsSql(query.words, bind)})`);
  return filters;
}

const sortSql = ({ column, descending }: Key): string => sortedAs(column, descending);

/** Rows beyond the cursor: greater in the first key, or equal there and greater in the second, and so on. */
function afterSql(values: string[], keys: Key[], backwards: boolean, bind: BindValue): string {
  const places = keys.map((key, i) => bind(values[i], key.column.type));
  if (keys.every((key) => key.descending === keys[0]!.descending)) {
    // A row comparison can use an index from its middle on.
    const comparison = keys[0]!.descending !== backwards ? '<' : '>';
    return `(${keys.map(sortSql).join(', ')}) ${comparison} (${places.join(', ')})`;
  }
  const steps = keys.map((key, i) => {
    const equal = keys.slice(0, i).map((before, j) => `${sortSql(before)} = ${places[j]}`);
    return `(${[...equal, `${sortSql(key)} ${key.descending !== backwards ? '<' : '>'} ${places[i]}`].join(' AND ')})`;
  });
  return `(${steps.join(' OR ')})`;
}

function bindingOf(ctx: ListReader, source: ListSource, query: ListQuery): string {
  const { conditions, filter, words, sort } = query;
  const facts = [ctx.tenant.id, source.from, source.parameters, conditions, sort, filter, words];
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 16);
}

function encode(values: string[], binding: string): string {
  return Buffer.from(JSON.stringify([binding, ...values])).toString('base64url');
}

/** What PostgreSQL prints for the type; anything else was not printed by it. */
const PRINTED: Record<ListColumn['type'], RegExp> = {
  uuid: /^[0-9a-f-]{36}$/,
  text: /^[^\0]*$/,
  date: /^(\d{4}-\d{2}-\d{2}|-?infinity)$/,
  timestamptz: /^(\d{4}-\d{2}-\d{2} [0-9:.]+[+-][0-9:]+|-?infinity)$/,
  numeric: /^(-?\d+(\.\d+)?|-?Infinity)$/,
  boolean: /^(true|false)$/,
  'text[]': /^$/,
};

function decode(cursor: string, keys: Key[], binding: string): string[] {
  const refused = new InvalidInput(
    [
      {
        pointer: '?after',
        code: 'cursor',
        message: 'The cursor belongs to another list, filter or sort. Start again from the first page.',
      },
    ],
    'invalid_cursor',
  );
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw refused;
  }
  if (!Array.isArray(parts) || parts.length !== keys.length + 1 || parts[0] !== binding) throw refused;
  const values: unknown[] = parts.slice(1);
  const valid = values.every((value, i) => typeof value === 'string' && PRINTED[keys[i]!.column.type].test(value));
  if (!valid) throw refused;
  return values as string[];
}
