import { Injectable } from '@nestjs/common';
import { reachOf } from '../platform/access/abilities.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import { Page } from '../platform/database/page.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { freeIn, overBy } from './allocation.rules.ts';
import { remediesFor, type Stand } from './remedies.rules.ts';
import { isPlannedIn, listCandidates, listPeople, type DayRange } from './resources.queries.ts';
import type { PlannedWeek, Remedy } from './resources.types.ts';
import { UtilizationService, sharesOf, wholeWeeks, type ProjectShare } from './utilization.service.ts';

export interface OverAllocatedWeek {
  week: string;
  capacity: number;
  allocated: number;
  over: number;
  projects: ProjectShare[];
  remedies: Remedy[];
}

export interface OverAllocation {
  userId: string;
  weeks: OverAllocatedWeek[];
}

/** Who else is looked at as somebody who could take over. */
const MOST_CANDIDATES = 200;

/** Who has been promised to more than they can do, and what could be done about it. */
@Injectable()
export class OverAllocationsService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly utilization: UtilizationService,
  ) {}

  /**
   * Of people who are planned for projects whose figures the actor sees. A page looks at as many people as its limit
   * says, and tells of those among them who have such a week.
   */
  async list(ctx: TenantContext, days: DayRange, query: ListQuery): Promise<Page<OverAllocation>> {
    const range = wholeWeeks(days);
    const parameters: unknown[] = [range.from, range.to];
    const bind = (value: unknown) => `$${parameters.push(value)}`;
    const idsWithin = this.projects.idsWithin(ctx, reachOf(ctx.actor, 'analytics.read'), bind);
    const people = await listPeople(ctx, isPlannedIn(idsWithin), parameters, query);
    const userIds = people.items.map(({ userId }) => userId);
    const plans = await this.utilization.plan(ctx, userIds, range);
    const busy = [...plans].filter(([, weeks]) => weeks.some((week) => overBy(week) > 0));
    const isKnown = await this.utilization.known(ctx, projectsOf(busy.flatMap(([, weeks]) => weeks)));
    const standsIn = await this.#stands(ctx, busy, isKnown, range);
    const found = busy.map(([userId, weeks]) => ({ userId, weeks: overAllocated(weeks, standsIn, isKnown) }));
    return new Page(found, people.meta);
  }

  /** The weeks of one assignment in which its person is over-allocated. Asks for no permission. */
  async warnings(
    ctx: TenantContext,
    { id, userId }: { id: string; userId: string },
    days: DayRange,
  ): Promise<Omit<OverAllocatedWeek, 'projects' | 'remedies'>[]> {
    const weeks = (await this.utilization.plan(ctx, [userId], wholeWeeks(days))).get(userId)!;
    return weeks
      .filter((week) => overBy(week) > 0 && week.shares.some(({ assignment }) => assignment.id === id))
      .map((week) => ({ week: week.week, capacity: week.capacity, allocated: week.allocated, over: overBy(week) }));
  }

  /** What the other people of the projects at hand have free, week by week. */
  async #stands(
    ctx: TenantContext,
    busy: [string, PlannedWeek[]][],
    isKnown: (projectId: string) => boolean,
    range: DayRange,
  ): Promise<(week: string) => Stand[]> {
    const tight = busy.flatMap(([, weeks]) => weeks.filter((week) => overBy(week) > 0));
    const projectIds = [...new Set(projectsOf(tight))].filter(isKnown);
    const candidates = projectIds.length > 0 ? await listCandidates(ctx, projectIds, MOST_CANDIDATES) : [];
    const plans = await this.utilization.plan(
      ctx,
      candidates.map(({ userId }) => userId),
      range,
    );
    // Once for each week, and not for each person who has too much in it.
    return byWeek(candidates, plans);
  }
}

type Candidate = Awaited<ReturnType<typeof listCandidates>>[number];

/** Whom each week's work could be handed over to. */
function byWeek(candidates: Candidate[], plans: ReadonlyMap<string, PlannedWeek[]>): (week: string) => Stand[] {
  const stands = new Map<string, Stand[]>();
  for (const { userId, projectIds: ids } of candidates) {
    const projectIds = new Set(ids);
    for (const planned of plans.get(userId)!) {
      const known = stands.get(planned.week) ?? [];
      known.push({ userId, projectIds, freeMinutes: freeIn(planned) });
      stands.set(planned.week, known);
    }
  }
  return (week) => stands.get(week) ?? [];
}

function overAllocated(
  weeks: PlannedWeek[],
  standsIn: (week: string) => Stand[],
  isKnown: (projectId: string) => boolean,
): OverAllocatedWeek[] {
  return weeks
    .filter((week) => overBy(week) > 0)
    .map((week) => ({
      week: week.week,
      capacity: week.capacity,
      allocated: week.allocated,
      over: overBy(week),
      projects: sharesOf(week, [], isKnown),
      remedies: remediesFor(week, weeks, standsIn(week.week), isKnown),
    }));
}

function projectsOf(weeks: PlannedWeek[]): string[] {
  return weeks.flatMap(({ shares }) => shares.map(({ assignment }) => assignment.projectId));
}
