export type Operator = 'eq' | 'neq' | 'in' | 'nin' | 'lt' | 'lte' | 'gt' | 'gte';

/** Values are texts in the column's own notation, already checked; `[null]` asks for rows without a value. */
export interface Condition {
  field: string;
  operator: Operator;
  values: (string | null)[];
}

export interface SortKey {
  field: string;
  descending: boolean;
}

/** What a caller wants of a list, checked but not yet SQL. */
export interface ListQuery {
  conditions: Condition[];
  sort: SortKey[];
  limit: number;
  after?: string;
  before?: string;
  count: boolean;
}
