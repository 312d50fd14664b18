import type { WorkPattern } from '../platform/dates/work-pattern.ts';

export const TIME_OFF_KINDS = ['vacation', 'sick', 'other'] as const;
export type TimeOffKind = (typeof TIME_OFF_KINDS)[number];

/** Minutes of work, Monday to Sunday. */
export type Week = readonly number[];

/** What holds from a day on, until the next one. */
export interface Period {
  /** `YYYY-MM-DD`. */
  from: string;
  /** Null: as the organisation works. */
  minutes: Week | null;
  /** Null where nobody has said. */
  timeZone: string | null;
}

/** Where the week of a day comes from; the standard one when nobody has said anything. */
export type WeekSource = 'person' | 'organisation' | 'standard';

export interface WorkCalendars {
  /** For whoever is nobody in particular: the organisation's week and holidays. */
  organisation: WorkPattern;
  people: ReadonlyMap<string, WorkPattern>;
}
