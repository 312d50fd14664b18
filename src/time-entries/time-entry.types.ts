export const TIME_SOURCES = ['timer', 'manual'] as const;
export type TimeSource = (typeof TIME_SOURCES)[number];

/** Minutes that an entry is rounded to a multiple of; 0 leaves it as it is. */
export const ROUNDINGS = [0, 1, 5, 6, 10, 15, 30, 60] as const;
export type Rounding = (typeof ROUNDINGS)[number];

export const ROUNDING_MODES = ['up', 'nearest', 'down'] as const;
export type RoundingMode = (typeof ROUNDING_MODES)[number];

/** How a project rounds. */
export interface TimeRules {
  roundTo: Rounding;
  mode: RoundingMode;
}

/** What totals are formed over. */
export const TOTAL_KEYS = ['task', 'project', 'user', 'week'] as const;
export type TotalKey = (typeof TOTAL_KEYS)[number];
