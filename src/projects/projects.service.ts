import { Injectable } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import { v7 as newId } from 'uuid';
import { reachOf, type Reach, type Ties } from '../platform/access/abilities.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import type { ProjectRole } from '../platform/access/permissions.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { given } from '../platform/database/given.ts';
import { ActorsChanged } from '../platform/events/actors-changed.ts';
import { demandVersion } from '../platform/errors/app-error.ts';
import { holdRoom } from '../platform/tenancy/plan-limits.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectHistoryService, changesOf } from '../history/project-history.service.ts';
import type { FieldChange } from '../history/history.types.ts';
import { UsersService } from '../users/users.service.ts';
import { ProjectMember } from './project-member.entity.ts';
import { Project } from './project.entity.ts';
import {
  nextStatuses,
  type NewProject,
  type ProjectChanges,
  type ProjectStatus,
  type Standing,
} from './project.types.ts';
import { canDelete, canRead, canUpdate, lackingToGive, tiesBy } from './project.policy.ts';
import {
  ProjectArchived,
  ProjectDatesReversed,
  ProjectMissing,
  ProjectStatusRefused,
  UnknownPerson,
} from './projects.errors.ts';
import {
  ProjectCreated,
  ProjectDeleted,
  ProjectMemberAdded,
  ProjectRestored,
  ProjectUpdated,
} from './projects.events.ts';
import {
  holdMembers,
  listAssignments,
  reachableIds,
  standingOf,
  type AssignmentRow,
  type Bind,
} from './project-membership.queries.ts';
import {
  countProjects,
  findProject,
  holdProject,
  listDeletedProjects,
  listProjects,
  type DeletedProjectRow,
  type ProjectRow,
} from './projects.queries.ts';

const DEFAULT_CURRENCY = 'USD';

/** What a permission must hold without: there is nothing yet, or no more, that ties anybody to it. */
const NO_TIES: Ties = { projectRole: null };

interface Asking {
  hold?: boolean;
  writing?: boolean;
  enough?: (ties: Ties) => boolean;
  /** Throws when the actor may not see the record that this is about, before they hear anything of its project. */
  judge?: (ties: Ties) => void;
}

@Injectable()
export class ProjectsService {
  constructor(
    private readonly users: UsersService,
    private readonly history: ProjectHistoryService,
  ) {}

  /** Whoever creates it manages it, and so does its owner. @throws UnknownPerson, ProjectDatesReversed, PlanLimitReached */
  async create(ctx: TenantContext, { budget, ...project }: NewProject): Promise<ProjectRow> {
    const id = newId();
    const creator = ctx.actor.userId;
    return ctx.transaction(async (tx) => {
      await holdRoom(tx, 'projects', countProjects);
      const ownerId = project.ownerId ?? creator!;
      // Creators too: somebody who is deleted at this moment would leave it without an owner.
      await this.#demandKnown(tx, ownerId);
      const values = {
        id,
        name: project.name,
        description: project.description ?? null,
        status: project.status ?? 'active',
        startDate: project.startDate ?? null,
        endDate: project.endDate ?? null,
        budgetAmount: budget?.amount ?? null,
        budgetCurrency: budget?.currency ?? DEFAULT_CURRENCY,
        ownerId,
        settings: project.settings ?? {},
        archivedFrom: project.status === 'archived' ? ('active' as const) : null,
        deletedAt: null,
      };
      refuseReversed(values);
      await tx.repository(Project).insert(values as never);
      const managers = [...new Set([ownerId, ...(creator ? [creator] : [])])];
      await tx
        .repository(ProjectMember)
        .insert(managers.map((userId) => ({ projectId: id, userId, role: 'manager' as const })));
      await this.#record(tx, id, [{ field: 'created', oldValue: null, newValue: project.name }]);
      tx.announce(new ProjectCreated(id));
      for (const userId of managers) tx.announce(new ActorsChanged(userId));
      return this.get(tx, id);
    });
  }

  /** Projects that count against the plan. */
  count(ctx: TenantContext): Promise<number> {
    return countProjects(ctx);
  }

  list(ctx: TenantContext, query: ListQuery): Promise<Page<ProjectRow>> {
    return listProjects(ctx, reachOf(ctx.actor, 'project.read'), query);
  }

  /** @throws ProjectMissing, also when the actor may not see it */
  async get(ctx: TenantContext, id: string): Promise<ProjectRow> {
    return (await this.#find(ctx, id)).project;
  }

  /**
   * What ties the actor to a project, for the policies of other modules. `hold` keeps the project from being deleted until
   * the transaction ends, `writing` says that something in it shall change. Whoever has `enough` to do there what they came
   * for may know of it, though not read it itself.
   *
   * @throws ProjectMissing, also when the actor may not know of it; ProjectArchived when something shall change
   */
  async tiesTo(ctx: TenantContext, projectId: string, asking: Asking = {}): Promise<Ties> {
    if (asking.hold && !(await holdProject(ctx, projectId))) throw new ProjectMissing();
    const found = await findProject(ctx, projectId);
    if (!found) throw new ProjectMissing();
    return this.tiesOf(ctx, found.standing, asking);
  }

  /**
   * The same in a statement of another module, which reads a record together with what ties the actor to its project: the
   * columns of a Standing, of the project `p` there. `tiesOf` judges it.
   */
  standing(ctx: TenantContext, bind: Bind): string {
    return standingOf(`${bind(ctx.actor.userId)}::uuid`);
  }

  /** @throws ProjectMissing when the actor may not know of the project; ProjectArchived when something shall change */
  tiesOf(
    { actor }: TenantContext,
    standing: Standing,
    { writing = false, enough = () => false, judge = () => undefined }: Omit<Asking, 'hold'> = {},
  ): Ties {
    const ties = tiesBy(actor, standing);
    if (!(canRead(actor, ties) || enough(ties))) throw new ProjectMissing();
    judge(ties);
    if (writing && standing.projectStatus === 'archived') throw new ProjectArchived();
    return ties;
  }

  /** Ids of the projects within a reach, as a subquery; `bind` adds a parameter to the caller's statement. */
  idsWithin(ctx: TenantContext, reach: Reach, bind: Bind): string {
    return reachableIds(ctx, reach, bind);
  }

  /** Whether the person is in the project, directly or through a team; what would end it waits until the transaction ends. */
  async holdMember(tx: TenantContext, projectId: string, userId: string): Promise<boolean> {
    return (await holdMembers(tx, projectId, [userId])).has(userId);
  }

  /** Who of these people is in it, in the same way. */
  holdMembers(tx: TenantContext, projectId: string, userIds: string[]): Promise<Set<string>> {
    return holdMembers(tx, projectId, userIds);
  }

  /** What the person is in the projects that the actor may see, highest role first, at most `limit` rows. */
  listAssignments(
    ctx: TenantContext,
    userId: string,
    { projectId, limit }: { projectId?: string; limit: number },
  ): Promise<AssignmentRow[]> {
    return listAssignments(ctx, userId, reachOf(ctx.actor, 'project.read'), projectId ?? null, limit);
  }

  /** @throws ProjectMissing, PermissionDenied, StaleVersion, UnknownPerson, ProjectDatesReversed */
  async update(ctx: TenantContext, id: string, changes: ProjectChanges, expectedVersion?: number): Promise<ProjectRow> {
    return ctx.transaction(async (tx) => {
      const { project, ties } = await this.lockForUpdate(tx, id, expectedVersion);
      const values = columnsOf(changes, project);
      if (Object.keys(values).length === 0) return project;
      refuseReversed({ ...project, ...values });
      if (values.status !== undefined) refuseStep(project.status, values.status);
      if (values.ownerId !== undefined) await this.#makeOwner(tx, id, values.ownerId, ties);
      return this.#save(tx, project, values);
    });
  }

  /**
   * Puts it away: it and all that is in it can be read and not changed. Archiving it twice changes nothing.
   *
   * @throws ProjectMissing, PermissionDenied
   */
  async archive(ctx: TenantContext, id: string, expectedVersion?: number): Promise<ProjectRow> {
    return ctx.transaction(async (tx) => {
      const { project } = await this.lockForUpdate(tx, id, expectedVersion, { archived: true });
      return project.status === 'archived' ? project : this.#save(tx, project, { status: 'archived' });
    });
  }

  /** Takes it out of the archive, into the status in which it was. @throws ProjectMissing, PermissionDenied */
  async unarchive(ctx: TenantContext, id: string, expectedVersion?: number): Promise<ProjectRow> {
    return ctx.transaction(async (tx) => {
      const { project } = await this.lockForUpdate(tx, id, expectedVersion, { archived: true });
      if (project.status !== 'archived') return project;
      return this.#save(tx, project, { status: project.archivedFrom ?? 'active' });
    });
  }

  /**
   * Hides it with everything that is in it: tasks, milestones, comments, files. Logged time stays in the timesheets of
   * people. Nothing is destroyed, and restoring it brings all of it back.
   *
   * @throws ProjectMissing, PermissionDenied, StaleVersion
   */
  async delete(ctx: TenantContext, id: string, expectedVersion?: number): Promise<void> {
    await ctx.transaction(async (tx) => {
      const { project, ties } = await this.#find(tx, id, { lock: true });
      if (!canDelete(tx.actor, ties)) throw new PermissionDenied('project.delete');
      demandVersion(project, expectedVersion);
      await tx.repository(Project).update({ id }, { deletedAt: new Date() });
      await this.#record(tx, id, [{ field: 'deleted', oldValue: false, newValue: true }]);
      tx.announce(new ProjectDeleted(id));
    });
  }

  /** What was deleted and can be restored, for whoever may delete any project. @throws PermissionDenied */
  async listDeleted(ctx: TenantContext, query: ListQuery): Promise<Page<DeletedProjectRow>> {
    if (!canDelete(ctx.actor, NO_TIES)) throw new PermissionDenied('project.delete');
    return listDeletedProjects(ctx, query);
  }

  /**
   * Brings a deleted project back with everything that was in it. Restoring one that is there changes nothing.
   *
   * @throws ProjectMissing, PermissionDenied, PlanLimitReached
   */
  async restore(ctx: TenantContext, id: string): Promise<ProjectRow> {
    return ctx.transaction(async (tx) => {
      if (!canDelete(tx.actor, NO_TIES)) throw new PermissionDenied('project.delete');
      const project = await tx.repository(Project).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!project) throw new ProjectMissing();
      if (project.deletedAt !== null) {
        await holdRoom(tx, 'projects', countProjects);
        await tx.repository(Project).update({ id }, { deletedAt: null });
        await this.#record(tx, id, [{ field: 'deleted', oldValue: true, newValue: false }]);
        tx.announce(new ProjectRestored(id));
      }
      return this.get(tx, id);
    });
  }

  /**
   * Takes a person out of all projects, and gives those that they own to the first who is active still, or else to an
   * owner of the organisation. Their tasks are another module's, which hears of the same event: nobody is told that they
   * left.
   */
  async handOver(ctx: TenantContext, from: string, candidates: (string | null | undefined)[]): Promise<void> {
    await ctx.transaction(async (tx) => {
      const owned = await tx.repository(Project).find({
        // Deleted ones too: they may come back, and then belong to somebody.
        where: { ownerId: from },
        order: { id: 'ASC' },
        // A stronger lock would wait for the tasks' module, which takes people into these projects at the same time.
        lock: { mode: 'for_no_key_update' },
      });
      const to = owned.length > 0 ? await this.users.holdSuccessor(tx, candidates) : null;
      for (const { id: projectId } of owned) {
        await tx.repository(ProjectMember).upsert({ projectId, userId: to!, role: 'manager' }, ['projectId', 'userId']);
        await tx.repository(Project).update({ id: projectId }, { ownerId: to! });
        await this.#record(tx, projectId, [{ field: 'ownerId', oldValue: from, newValue: to }]);
        tx.announce(new ProjectUpdated(projectId, ['ownerId']));
        tx.announce(new ActorsChanged(to));
      }
      const left = await tx.repository(ProjectMember).find({ where: { userId: from }, order: { projectId: 'ASC' } });
      await tx.repository(ProjectMember).delete({ userId: from });
      for (const { projectId, role } of left) await this.#recordRole(tx, projectId, from, role, null);
    });
  }

  /** Makes an active person a member, unless they are in the project already. @returns whether they are in it by now */
  async takeIn(tx: TenantContext, projectId: string, userId: string): Promise<boolean> {
    if (!(await this.users.holdActive(tx, userId))) return false;
    if (await this.holdMember(tx, projectId, userId)) return true;
    // Who takes over a project is made its manager at the same moment.
    await tx.query(
      `INSERT INTO "@tenant".project_members (project_id, member_id, member_type, role) VALUES ($1, $2, 'user', 'member') ON CONFLICT DO NOTHING`,
      [projectId, userId],
    );
    await this.#recordRole(tx, projectId, userId, null, 'member');
    tx.announce(new ProjectMemberAdded(projectId, userId, 'member'));
    tx.announce(new ActorsChanged(userId));
    return true;
  }

  /**
   * The project, kept from changing until the transaction ends, for whoever may change it. `archived`: also when it was put
   * away.
   *
   * @throws ProjectMissing, PermissionDenied, ProjectArchived, StaleVersion
   */
  async lockForUpdate(
    tx: TenantContext,
    id: string,
    expectedVersion?: number,
    { archived = false } = {},
  ): Promise<{ project: ProjectRow; ties: Ties }> {
    const found = await this.#find(tx, id, { lock: true });
    if (!canUpdate(tx.actor, found.ties)) throw new PermissionDenied('project.update');
    if (found.project.status === 'archived' && !archived) throw new ProjectArchived();
    demandVersion(found.project, expectedVersion);
    return found;
  }

  async #save(tx: TenantContext, before: ProjectRow, values: Partial<ProjectRow>): Promise<ProjectRow> {
    const { id } = before;
    const isArchived = values.status === 'archived';
    const archivedFrom = values.status === undefined ? before.archivedFrom : isArchived ? before.status : null;
    await tx.repository(Project).update({ id }, { ...values, archivedFrom } as never);
    await this.#record(tx, id, changesOf(before, values));
    tx.announce(new ProjectUpdated(id, Object.keys(values)));
    return this.get(tx, id);
  }

  #recordRole(
    tx: TenantContext,
    projectId: string,
    userId: string,
    oldValue: ProjectRole | null,
    newValue: ProjectRole | null,
  ): Promise<void> {
    return this.history.record(tx, projectId, { type: 'member', id: userId }, [{ field: 'role', oldValue, newValue }]);
  }

  #record(tx: TenantContext, id: string, changes: FieldChange[]): Promise<void> {
    return this.history.record(tx, id, { type: 'project', id }, changes);
  }

  async #find(
    ctx: TenantContext,
    id: string,
    options?: { lock: boolean },
  ): Promise<{ project: ProjectRow; ties: Ties }> {
    const found = await findProject(ctx, id, options);
    const ties = found && tiesBy(ctx.actor, found.standing);
    if (!ties || !canRead(ctx.actor, ties)) throw new ProjectMissing();
    return { project: found.project, ties };
  }

  /** An owner manages the project, whatever they were in it before. */
  async #makeOwner(tx: TenantContext, projectId: string, userId: string, ties: Ties): Promise<void> {
    refuseGiving(tx, 'manager', ties);
    await this.#demandKnown(tx, userId, projectId);
    await tx.repository(ProjectMember).upsert({ projectId, userId, role: 'manager' }, ['projectId', 'userId']);
    tx.announce(new ActorsChanged(userId));
  }

  async #demandKnown(tx: TenantContext, userId: string, projectId?: string): Promise<void> {
    if (!(await this.users.holdKnown(tx, userId, projectId))) throw new UnknownPerson('/ownerId');
  }
}

/** @throws PermissionDenied naming what the actor lacks to make somebody this in the project */
export function refuseGiving({ actor }: TenantContext, role: ProjectRole, ties: Ties): void {
  const lacking = lackingToGive(actor, role, ties);
  if (lacking !== null) throw new PermissionDenied(lacking);
}

/** The columns that would really change. */
function columnsOf({ budget, ...fields }: ProjectChanges, project: ProjectRow): Partial<ProjectRow> {
  const columns: Partial<ProjectRow> = given(fields);
  if (budget !== undefined) columns.budgetAmount = budget === null ? null : Number(budget.amount).toFixed(2);
  if (budget?.currency !== undefined) columns.budgetCurrency = budget.currency;
  const isChanged = ([column, value]: [string, unknown]) =>
    !isDeepStrictEqual(value, project[column as keyof ProjectRow]);
  return Object.fromEntries(Object.entries(columns).filter(isChanged));
}

/** @throws ProjectArchived, ProjectStatusRefused */
function refuseStep(from: ProjectStatus, to: ProjectStatus): void {
  if (!nextStatuses(from).includes(to)) throw new ProjectStatusRefused(from, to, nextStatuses(from));
}

function refuseReversed({ startDate, endDate }: { startDate: string | null; endDate: string | null }): void {
  if (startDate !== null && endDate !== null && endDate < startDate) throw new ProjectDatesReversed();
}
