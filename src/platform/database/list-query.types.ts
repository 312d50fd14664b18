/** `any` of a set is `eq` or `in`; `all` and `none` are of sets alone, `contains` of texts. */
export type Operator = 'eq' | 'neq' | 'in' | 'nin' | 'lt' | 'lte' | 'gt' | 'gte' | 'contains' | 'all' | 'none';

/** Values are texts in the column's own notation, already checked; `[null]` asks for rows without a value. */
export interface Condition {
  field: string;
  operator: Operator;
  values: (string | null)[];
}

/** Conditions put together: rows that meet all of them, at least one of them, or not the one. */
export type FilterExpression =
  Condition | { all: FilterExpression[] } | { any: FilterExpression[] } | { not: FilterExpression };

export interface SortKey {
  field: string;
  descending: boolean;
}

/** What a caller looks for in a list, checked but not yet SQL. */
export interface Filters {
  /** All of them are met. */
  conditions: Condition[];
  /** Met besides the conditions. */
  filter?: FilterExpression;
  /** As typed into a search box. */
  words?: string;
}

/** The same with the order, and which page of it. */
export interface ListQuery extends Filters {
  sort: SortKey[];
  limit: number;
  after?: string;
  before?: string;
  count: boolean;
}
