/**
 * How long somebody works, day by day, as data: it can be asked about any day without going over its parts, and be sent to
 * another thread. Days are numbers, counted from 1970-01-01.
 */
export interface WorkPattern {
  /** What holds from a day on, until the next one; ascending, and the first one from ever. */
  weeks: readonly { from: number; minutes: readonly number[] }[];
  holidays: ReadonlySet<number>;
  /** Ascending and apart from each other. Minutes are those away on each day; null: all of them. */
  absences: readonly { first: number; last: number; minutes: number | null }[];
}

const DAY_MS = 86_400_000;

/** @param day `YYYY-MM-DD` */
export function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / DAY_MS;
}

/** What the week says. */
export function plannedMinutes({ weeks }: WorkPattern, day: number): number {
  const week = lastWhere(weeks, ({ from }) => from <= day);
  // 1970-01-01 was a Thursday.
  return week?.minutes[(((day + 3) % 7) + 7) % 7] ?? 0;
}

/** What is taken off a day; null for all of it. */
export function minutesAway({ absences }: WorkPattern, day: number): number | null {
  const absence = lastWhere(absences, ({ first }) => first <= day);
  return absence && day <= absence.last ? absence.minutes : 0;
}

/** What is left of the week after holidays and time off. */
export function minutesOfWork(pattern: WorkPattern, day: number): number {
  const planned = plannedMinutes(pattern, day);
  if (planned === 0 || pattern.holidays.has(day)) return 0;
  const away = minutesAway(pattern, day);
  return away === null ? 0 : Math.max(0, planned - away);
}

/** Absences as they are entered, in any order and over each other, as those of a pattern: sorted once, gone over once. */
export function mergeAbsences(
  entered: readonly { first: number; last: number; minutes: number | null }[],
): WorkPattern['absences'] {
  const changes = new Map<number, { whole: number; minutes: number }>();
  const change = (day: number, sign: 1 | -1, minutes: number | null) => {
    const known = changes.get(day) ?? { whole: 0, minutes: 0 };
    if (minutes === null) known.whole += sign;
    else known.minutes += sign * minutes;
    changes.set(day, known);
  };
  for (const { first, last, minutes } of entered) {
    change(first, 1, minutes);
    change(last + 1, -1, minutes);
  }
  const days = [...changes].sort(([a], [b]) => a - b);
  let [whole, minutes] = [0, 0];
  return days.flatMap(([first, of], i) => {
    whole += of.whole;
    minutes += of.minutes;
    const isAway = whole > 0 || minutes > 0;
    return isAway ? [{ first, last: days[i + 1]![0] - 1, minutes: whole > 0 ? null : minutes }] : [];
  });
}

/** In an array that begins with those for whom it holds. */
function lastWhere<T>(items: readonly T[], holds: (item: T) => boolean): T | undefined {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(items[middle]!)) low = middle + 1;
    else high = middle;
  }
  return items[low - 1];
}
