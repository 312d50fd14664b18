import { Injectable } from '@nestjs/common';
import { CalendarsService } from '../calendars/calendars.service.ts';
import { reachOf, type Ties } from '../platform/access/abilities.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import { Page } from '../platform/database/page.ts';
import { addDays, mondayOf } from '../platform/dates/days.ts';
import { dayNumber } from '../platform/dates/work-pattern.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { UsersService } from '../users/users.service.ts';
import { planWeeks } from './allocation.rules.ts';
import { canSeeAllFigures, canSeeFigures, canSeeFiguresOf } from './resource.policy.ts';
import {
  listAssignments,
  listKnown,
  listPeople,
  sumLogged,
  worksIn,
  type DayRange,
  type LoggedRow,
} from './resources.queries.ts';
import { TooMuchPlanned } from './resources.errors.ts';
import type { PlannedWeek } from './resources.types.ts';

/** Weeks of assignments that are added up at once: those of a hundred people in twenty projects for a year. */
const MOST_SHARES = 100_000;

/** Minutes of a week that one project takes; `projectId` is null for all that the reader does not see. */
export interface ProjectShare {
  projectId: string | null;
  allocated: number;
  logged: number;
}

export interface UtilizedWeek {
  week: string;
  capacity: number;
  allocated: number;
  logged: number;
  projects: ProjectShare[];
}

export interface Utilization {
  userId: string;
  weeks: UtilizedWeek[];
}

/** How much of what people work is promised, and how much was worked. Days are widened to the weeks that they lie in. */
@Injectable()
export class UtilizationService {
  constructor(
    private readonly users: UsersService,
    private readonly projects: ProjectsService,
    private readonly calendars: CalendarsService,
  ) {}

  /** Of those who are planned for it or worked in it; what they do elsewhere is not told. @throws ProjectMissing, PermissionDenied */
  async listOfProject(
    ctx: TenantContext,
    projectId: string,
    days: DayRange,
    query: ListQuery,
  ): Promise<Page<Utilization>> {
    const enough = (ties: Ties) => canSeeFigures(ctx.actor, ties);
    if (!enough(await this.projects.tiesTo(ctx, projectId, { enough }))) throw new PermissionDenied('analytics.read');
    const range = wholeWeeks(days);
    const people = await listPeople(ctx, worksIn('$3'), [range.from, range.to, projectId], query);
    return this.#page(ctx, people, range, projectId);
  }

  /** @throws PermissionDenied, UserMissing */
  async get(ctx: TenantContext, userId: string, days: DayRange): Promise<Utilization> {
    if (!canSeeFiguresOf(ctx.actor, userId)) throw new PermissionDenied('analytics.read');
    await this.users.get(ctx, userId);
    return (await this.#utilize(ctx, [userId], wholeWeeks(days), null))[0]!;
  }

  /** Everybody who is active. @throws PermissionDenied */
  async list(ctx: TenantContext, days: DayRange, query: ListQuery): Promise<Page<Utilization>> {
    if (!canSeeAllFigures(ctx.actor)) throw new PermissionDenied('analytics.read');
    const range = wholeWeeks(days);
    const people = await listPeople(ctx, 'u.active', [range.from, range.to], query);
    return this.#page(ctx, people, range, null);
  }

  /** The weeks of each of these people, as far as they are planned. Asks for no permission. @param range of whole weeks @throws TooMuchPlanned */
  async plan(ctx: TenantContext, userIds: string[], range: DayRange): Promise<Map<string, PlannedWeek[]>> {
    if (userIds.length === 0) return new Map();
    const days = await this.calendars.workingTimeOf(ctx, userIds, range);
    const found = await listAssignments(ctx, userIds, range, MOST_SHARES + 1);
    if (sumWeeks(found, range) > MOST_SHARES) throw new TooMuchPlanned(MOST_SHARES);
    const assignments = Map.groupBy(found, ({ userId }) => userId);
    return new Map(userIds.map((id) => [id, planWeeks(days.get(id)!, assignments.get(id) ?? [])]));
  }

  /** Which of the projects the actor sees. */
  async known(ctx: TenantContext, projectIds: Iterable<string>): Promise<(projectId: string) => boolean> {
    const parameters: unknown[] = [];
    const bind = (value: unknown) => `$${parameters.push(value)}`;
    const idsWithin = this.projects.idsWithin(ctx, reachOf(ctx.actor, 'project.read'), bind);
    const ids = await listKnown(ctx, [...new Set(projectIds)], idsWithin, parameters);
    return (projectId) => ids.has(projectId);
  }

  async #page(
    ctx: TenantContext,
    people: Page<{ userId: string }>,
    range: DayRange,
    only: string | null,
  ): Promise<Page<Utilization>> {
    const userIds = people.items.map(({ userId }) => userId);
    return new Page(await this.#utilize(ctx, userIds, range, only), people.meta);
  }

  /** @param only the one project that is told of; null for all */
  async #utilize(ctx: TenantContext, userIds: string[], range: DayRange, only: string | null): Promise<Utilization[]> {
    const plans = await this.plan(ctx, userIds, range);
    const logged = await sumLogged(ctx, userIds, range);
    const workedIn = Map.groupBy(logged, ({ userId, week }) => `${userId} ${week}`);
    const planned = [...plans.values()]
      .flat()
      .flatMap(({ shares }) => shares.map(({ assignment }) => assignment.projectId));
    const isKnown = only
      ? () => true
      : await this.known(ctx, [...planned, ...logged.map(({ projectId }) => projectId)]);
    return [...plans].map(([userId, weeks]) => ({
      userId,
      weeks: weeks.map((week) => {
        const worked = workedIn.get(`${userId} ${week.week}`) ?? [];
        const projects = sharesOf(week, worked, isKnown).filter(({ projectId }) => !only || projectId === only);
        return {
          week: week.week,
          capacity: week.capacity,
          allocated: projects.reduce((sum, each) => sum + each.allocated, 0),
          logged: projects.reduce((sum, each) => sum + each.logged, 0),
          projects,
        };
      }),
    }));
  }
}

/** In how many weeks of the range the assignments lie, together. */
function sumWeeks(assignments: readonly DayRange[], range: DayRange): number {
  const week = (day: string) => Math.floor((dayNumber(day) - dayNumber(range.from)) / 7);
  const weeksOf = ({ from, to }: DayRange) =>
    week(to < range.to ? to : range.to) - week(from > range.from ? from : range.from) + 1;
  return assignments.reduce((sum, each) => sum + weeksOf(each), 0);
}

/** From the Monday before to the Sunday after. */
export function wholeWeeks({ from, to }: DayRange): DayRange {
  return { from: mondayOf(from), to: addDays(mondayOf(to), 6) };
}

/** No id is greater. */
const BEHIND_ALL = 'g';

/** Project by project, with all that the reader does not see as one, at the end. */
export function sharesOf(
  { shares }: PlannedWeek,
  worked: LoggedRow[],
  isKnown: (projectId: string) => boolean,
): ProjectShare[] {
  const found = new Map<string | null, ProjectShare>();
  const add = (id: string, minutes: number, what: 'allocated' | 'logged') => {
    const projectId = isKnown(id) ? id : null;
    const share = found.get(projectId) ?? { projectId, allocated: 0, logged: 0 };
    found.set(projectId, { ...share, [what]: share[what] + minutes });
  };
  for (const { assignment, minutes } of shares) add(assignment.projectId, minutes, 'allocated');
  for (const { projectId, minutes } of worked) add(projectId, minutes, 'logged');
  const place = ({ projectId }: ProjectShare) => projectId ?? BEHIND_ALL;
  return [...found.values()].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}
