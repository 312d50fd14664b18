import { addDays, mondayOf } from '../platform/dates/days.ts';
import { freeIn, overBy } from './allocation.rules.ts';
import type { PlannedWeek, Remedy } from './resources.types.ts';

/** Somebody who could take over, with what they have free in the week. */
export interface Stand {
  userId: string;
  /** That they are in. */
  projectIds: ReadonlySet<string>;
  freeMinutes: number;
}

const MOST_STANDS = 3;
/** A quarter of an hour: less is not worth moving. */
const LEAST_MINUTES = 15;

/**
 * What could be done about a week that has been promised more than it has, those that are enough by themselves first.
 *
 * @param weeks of the same person, which something can be shifted to
 * @param isKnown whether the assignment may be spoken of: the project can be one that the reader does not see
 */
export function remediesFor(
  week: PlannedWeek,
  weeks: readonly PlannedWeek[],
  stands: readonly Stand[],
  isKnown: (projectId: string) => boolean,
): Remedy[] {
  const over = overBy(week);
  if (over === 0) return [];
  // Once for all shares: each takes the first that can.
  const ranked = stands.toSorted((a, b) => b.freeMinutes - a.freeMinutes || (a.userId < b.userId ? -1 : 1));
  const remedies = week.shares
    .filter(({ assignment }) => isKnown(assignment.projectId))
    .flatMap((share) => [
      ...shifted(share, over, week, weeks),
      ...shortened(share, over, week),
      ...handedOver(share, over, ranked),
    ]);
  return remedies.sort((a, b) => Number(b.resolves) - Number(a.resolves) || b.minutes - a.minutes);
}

type Share = PlannedWeek['shares'][number];

/** To the nearest week with room for all that is too much here; of two, the later one. */
function shifted(share: Share, over: number, week: PlannedWeek, weeks: readonly PlannedWeek[]): Remedy[] {
  const minutes = Math.min(over, share.minutes);
  if (minutes < LEAST_MINUTES) return [];
  const nearest = weeks.reduce<PlannedWeek | null>((found, each) => {
    if (each.week === week.week || freeIn(each) < minutes) return found;
    const nearer = found === null ? -1 : distance(each, week) - distance(found, week);
    return nearer < 0 || (nearer === 0 && each.week > found!.week) ? each : found;
  }, null);
  if (!nearest) return [];
  const freeMinutes = freeIn(nearest);
  return [{ kind: 'shift', ...named(share, minutes, over), toWeek: nearest.week, freeMinutes }];
}

/** Where the assignment begins or ends in this week, and has others besides. */
function shortened(share: Share, over: number, { week }: PlannedWeek): Remedy[] {
  const { from, to } = share.assignment;
  const [begins, ends] = [mondayOf(from) === week, mondayOf(to) === week];
  const remedy = { kind: 'shorten' as const, ...named(share, share.minutes, over) };
  if (begins === ends) return [];
  return [ends ? { ...remedy, from, to: addDays(week, -1) } : { ...remedy, from: addDays(week, 7), to }];
}

/** @param stands those with most time first */
function handedOver(share: Share, over: number, stands: readonly Stand[]): Remedy[] {
  const { projectId, userId } = share.assignment;
  const minutes = Math.min(over, share.minutes);
  if (minutes < LEAST_MINUTES) return [];
  const able: Stand[] = [];
  for (const each of stands) {
    if (able.length === MOST_STANDS || each.freeMinutes < minutes) break;
    if (each.userId !== userId && each.projectIds.has(projectId)) able.push(each);
  }
  return able.map((stand) => ({
    kind: 'hand_over',
    ...named(share, minutes, over),
    userId: stand.userId,
    freeMinutes: stand.freeMinutes,
  }));
}

function named({ assignment }: Share, minutes: number, over: number) {
  return { resourceId: assignment.id, projectId: assignment.projectId, minutes, resolves: minutes >= over };
}

function distance(a: PlannedWeek, b: PlannedWeek): number {
  return Math.abs(Date.parse(a.week) - Date.parse(b.week));
}
