/** `total` only when it was asked for: counting costs as much as reading everything. */
export interface PageMeta {
  limit: number;
  nextCursor: string | null;
  prevCursor: string | null;
  hasMore: boolean;
  total?: number;
}

/** A piece of a list; leaves as `{ data: items, meta }`. */
export class Page<T> {
  constructor(
    readonly items: T[],
    readonly meta: PageMeta,
  ) {}

  /** A list that is known to be short, on one page. */
  static whole<T>(items: T[]): Page<T> {
    return new Page(items, { limit: items.length, nextCursor: null, prevCursor: null, hasMore: false });
  }

  map<U>(shape: (item: T) => U): Page<U> {
    return new Page(this.items.map(shape), this.meta);
  }
}
