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
  const remedies = week.shares
    .filter(({ assignment }) => isKnown(assignment.projectId))
    .flatMap((share) => [
      ...shifted(share, over, week, weeks),
      ...shortened(share, over, week),
      ...handedOver(share, over, stands),
    ]);
  return remedies.sort((a, b) => Number(b.resolves) - Number(a.resolves) || b.minutes - a.minutes);
}

type Share = PlannedWeek['shares'][number];

/** To the nearest week with room for all that is too much here; of two, the later one. */
function shifted(share: Share, over: number, week: PlannedWeek, weeks: readonly PlannedWeek[]): Remedy[] {
  const minutes = Math.min(over, share.minutes);
  const [nearest] = weeks
    .filter((each) => each.week !== week.week && minutes >= LEAST_MINUTES && freeIn(each) >= minutes)
    .sort((a, b) => distance(a, week) - distance(b, week) || (a.week > b.week ? -1 : 1));
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

function handedOver(share: Share, over: number, stands: readonly Stand[]): Remedy[] {
  const { projectId, userId } = share.assignment;
  const minutes = Math.min(over, share.minutes);
  if (minutes < LEAST_MINUTES) return [];
  return stands
    .filter((each) => each.userId !== userId && each.projectIds.has(projectId) && each.freeMinutes >= minutes)
    .sort((a, b) => b.freeMinutes - a.freeMinutes || (a.userId < b.userId ? -1 : 1))
    .slice(0, MOST_STANDS)
    .map((stand) => ({
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
