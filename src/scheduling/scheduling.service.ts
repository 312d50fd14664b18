import { Injectable } from '@nestjs/common';
import type { Ties } from '../platform/access/abilities.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { WorkerThreads } from '../platform/threads/worker-threads.ts';
import { CalendarsService } from '../calendars/calendars.service.ts';
import { DependenciesService } from '../dependencies/dependencies.service.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { TaskChangesService } from '../tasks/task-changes.service.ts';
import type { DateChange } from '../tasks/task.types.ts';
import { planOf } from './plan.rules.ts';
import { PlanTooLarge, PlanTooWide, TooManyToSchedule } from './scheduling.errors.ts';
import { canSchedule, canSeePlan } from './scheduling.policy.ts';
import { lockOpenTasks, readMilestones, readProjectDates, readTasks } from './scheduling.queries.ts';
import type { Plan, PlanInput, PlanWarning } from './scheduling.types.ts';

const MOST_TASKS = 2_000;
const MOST_PLANNED = 10_000;

/** Tasks and dependencies of a plan, and days of its calendars, that everybody else waits for: some milliseconds. What has more is computed in another thread. */
const AT_ONCE = { parts: 1_000, days: 50_000 };
/** Three years of nine hundred people. */
const MOST_DAYS = 1_000_000;
/** Less than a transaction may be idle. */
const MOST_SECONDS = 8;
const PLAN_RULES = new URL('./plan.rules', import.meta.url);

export type Rescheduling = DateChange & { title: string };

export interface Schedule {
  dryRun: boolean;
  startOn: string;
  changes: Rescheduling[];
  /** Ids in the order of their earliest starts. */
  criticalPath: string[];
  finish: string | null;
  warnings: PlanWarning[];
}

/** When the tasks of a project can be done, and dates for all of them. */
@Injectable()
export class SchedulingService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly calendars: CalendarsService,
    private readonly tasks: TaskChangesService,
    private readonly dependencies: DependenciesService,
    private readonly threads: WorkerThreads,
  ) {}

  /** @param startOn the later of today (UTC) and the project's start date when not given @throws ProjectMissing, PermissionDenied, PlanTooLong, PlanTooWide, ComputationTooLong */
  async timeline(ctx: TenantContext, projectId: string, startOn?: string): Promise<Plan> {
    const enough = (ties: Ties) => canSeePlan(ctx.actor, ties);
    if (!enough(await this.projects.tiesTo(ctx, projectId, { enough }))) throw new PermissionDenied('task.read');
    return this.#plan(ctx, projectId, startOn);
  }

  /**
   * Gives every open task its earliest dates; a dry run only tells them.
   *
   * @throws ProjectMissing, ProjectArchived, PermissionDenied, PlanTooLong, PlanTooWide, ComputationTooLong, TooManyToSchedule
   */
  async schedule(
    ctx: TenantContext,
    projectId: string,
    { startOn, dryRun }: { startOn?: string; dryRun: boolean },
  ): Promise<Schedule> {
    if (dryRun) {
      await this.#demandScheduling(ctx, projectId, { writing: false });
      return scheduleOf(await this.#plan(ctx, projectId, startOn), dryRun);
    }
    return ctx.transaction(async (tx) => {
      await this.#demandScheduling(tx, projectId, { writing: true });
      // In the order of those who change a dependency, who lock it before its task.
      await this.dependencies.hold(tx, projectId);
      const count = await lockOpenTasks(tx, projectId);
      if (count > MOST_TASKS) throw new TooManyToSchedule(count, MOST_TASKS);
      const schedule = scheduleOf(await this.#plan(tx, projectId, startOn), dryRun);
      if (schedule.changes.length > 0) await this.tasks.reschedule(tx, projectId, schedule.changes);
      return schedule;
    });
  }

  async #demandScheduling(ctx: TenantContext, projectId: string, { writing }: { writing: boolean }): Promise<void> {
    const enough = (ties: Ties) => canSchedule(ctx.actor, ties);
    const ties = await this.projects.tiesTo(ctx, projectId, { hold: writing, writing, enough });
    if (!enough(ties)) throw new PermissionDenied('task.update');
  }

  async #plan(ctx: TenantContext, projectId: string, wanted?: string): Promise<Plan> {
    const { startDate, endDate } = await readProjectDates(ctx, projectId);
    const today = new Date().toISOString().slice(0, 10);
    const startOn = wanted ?? (startDate !== null && startDate > today ? startDate : today);
    const tasks = await readTasks(ctx, projectId);
    if (tasks.length > MOST_PLANNED) throw new PlanTooLarge(tasks.length, MOST_PLANNED);
    const milestones = await readMilestones(ctx, projectId);
    const dependencies = await this.dependencies.listOfProject(ctx, projectId);
    const assignees = [...new Set(tasks.flatMap(({ assigneeId }) => assigneeId ?? []))];
    const calendars = await this.calendars.workCalendars(ctx, assignees, yearBefore(startOn));
    return this.#compute({ startOn, endDate, tasks, milestones, dependencies, ...calendars });
  }

  /** The same plan, wherever it is computed. @throws PlanTooLong, PlanTooWide, NetworkCycle, ComputationTooLong, ThreadsBusy */
  async #compute(input: Omit<PlanInput, 'mostDays'>): Promise<Plan> {
    if (input.tasks.length + input.dependencies.length <= AT_ONCE.parts) {
      try {
        return planOf({ ...input, mostDays: AT_ONCE.days });
      } catch (error) {
        if (!(error instanceof PlanTooWide)) throw error;
      }
    }
    return this.threads.run<Plan>(PLAN_RULES, 'planOf', { ...input, mostDays: MOST_DAYS }, MOST_SECONDS);
  }
}

function scheduleOf({ startOn, tasks, finish, warnings }: Plan, dryRun: boolean): Schedule {
  const changes = tasks
    .filter(({ work }) => work !== null)
    .map(({ id, title, startDate, dueDate, earliestStart, earliestFinish }) => ({
      taskId: id,
      title,
      before: { startDate, dueDate },
      after: { startDate: earliestStart, dueDate: earliestFinish },
    }))
    .filter(({ before, after }) => before.startDate !== after.startDate || before.dueDate !== after.dueDate);
  return {
    dryRun,
    startOn,
    changes,
    criticalPath: tasks.filter(({ isCritical }) => isCritical).map(({ id }) => id),
    finish,
    // Not those about dates that are replaced.
    warnings: warnings.filter(({ code }) => code !== 'due_date_missed' && code !== 'dates_contradict_dependency'),
  };
}

/** How far back holidays and time off count for what should have been done already. */
function yearBefore(day: string): string {
  return `${String(Math.max(1, Number(day.slice(0, 4)) - 1)).padStart(4, '0')}-01-01`;
}
