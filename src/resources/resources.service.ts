import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import type { Ties } from '../platform/access/abilities.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import { given } from '../platform/database/given.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { addDays, mondayOf } from '../platform/dates/days.ts';
import { demandVersion } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { FieldChange } from '../history/history.types.ts';
import { ProjectHistoryService, changesOf } from '../history/project-history.service.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { UsersService } from '../users/users.service.ts';
import { OverAllocationsService, type OverAllocatedWeek } from './over-allocations.service.ts';
import { ResourceAssignment } from './resource-assignment.entity.ts';
import { canSeeFigures } from './resource.policy.ts';
import { AssignmentReversed, NotInTheProject, OneMeasure, ResourceMissing } from './resources.errors.ts';
import { findResource, listPlanned, listResources, type DayRange, type ResourceRow } from './resources.queries.ts';

interface ResourceFields {
  hoursPerWeek?: number | null;
  percent?: number | null;
  from: string;
  to: string;
  note?: string | null;
}

export type NewResource = ResourceFields & { userId: string };
export type ResourceChanges = Partial<ResourceFields>;

/** With the weeks in which the person has been promised more than they work. */
export interface PlannedResource extends ResourceRow {
  warnings: Omit<OverAllocatedWeek, 'projects' | 'remedies'>[];
}

const WARNED_DAYS = 53 * 7;

/** How much of whose time a project has been promised. */
@Injectable()
export class ResourcesService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly users: UsersService,
    private readonly overAllocations: OverAllocationsService,
    private readonly history: ProjectHistoryService,
  ) {}

  /** @throws ProjectMissing, PermissionDenied */
  async list(ctx: TenantContext, projectId: string, query: ListQuery): Promise<Page<ResourceRow>> {
    await this.#demandFigures(ctx, projectId);
    return listResources(ctx, projectId, query);
  }

  /** @throws ProjectMissing, PermissionDenied, ResourceMissing */
  async get(ctx: TenantContext, projectId: string, id: string): Promise<ResourceRow> {
    await this.#demandFigures(ctx, projectId);
    return this.#row(ctx, projectId, id);
  }

  /** More than somebody works is warned of, not refused. @throws ProjectMissing, PermissionDenied, ProjectArchived, OneMeasure, AssignmentReversed, NotInTheProject */
  async add(ctx: TenantContext, projectId: string, fields: NewResource): Promise<PlannedResource> {
    return ctx.transaction(async (tx) => {
      await this.projects.lockForUpdate(tx, projectId);
      const { hoursPerWeek = null, percent = null, note = null, userId, from, to } = fields;
      const values = { hoursPerWeek, percent, note, userId, from, to };
      refuseImpossible(values);
      await this.#demandMember(tx, projectId, userId);
      const id = newId();
      await tx.repository(ResourceAssignment).insert({ id, projectId, ...values });
      await this.#record(tx, projectId, id, changesOf({}, values));
      return this.#warned(tx, await this.#row(tx, projectId, id));
    });
  }

  /** @throws ProjectMissing, PermissionDenied, ProjectArchived, ResourceMissing, StaleVersion, OneMeasure, AssignmentReversed, NotInTheProject */
  async update(
    ctx: TenantContext,
    projectId: string,
    id: string,
    changes: ResourceChanges,
    expectedVersion?: number,
  ): Promise<PlannedResource> {
    return ctx.transaction(async (tx) => {
      const before = await this.#hold(tx, projectId, id, expectedVersion);
      const wanted = given(inOneMeasure(changes));
      const isChanged = ([field, value]: [string, unknown]) => value !== before[field as keyof ResourceRow];
      const values = Object.fromEntries(Object.entries(wanted).filter(isChanged));
      if (Object.keys(values).length === 0) return this.#warned(tx, before);
      const after = { ...before, ...values };
      refuseImpossible(after);
      // What was planned for somebody who has left can be cut, and nothing else.
      if (takesMore(before, after)) await this.#demandMember(tx, projectId, before.userId);
      await tx.repository(ResourceAssignment).update({ id }, values);
      await this.#record(tx, projectId, id, changesOf<object>(before, values));
      return this.#warned(tx, await this.#row(tx, projectId, id));
    });
  }

  /** @throws ProjectMissing, PermissionDenied, ProjectArchived, ResourceMissing, StaleVersion */
  async delete(ctx: TenantContext, projectId: string, id: string, expectedVersion?: number): Promise<void> {
    await ctx.transaction(async (tx) => {
      const { userId } = await this.#hold(tx, projectId, id, expectedVersion);
      await tx.repository(ResourceAssignment).delete({ id });
      await this.#record(tx, projectId, id, [{ field: 'userId', oldValue: userId, newValue: null }]);
    });
  }

  /** Ends all plans for somebody today. */
  async endOf(ctx: TenantContext, userId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      // Heard late: who is back keeps what they were planned for since.
      if (await this.users.holdActive(tx, userId)) return;
      for (const { projectId } of await listPlanned(tx, { userId }, today())) await end(tx, projectId, userId);
    });
  }

  /** Ends the plans for those who are not in the project any more, by name or through a team: a person's, or a project's. */
  async endOfOutsiders(ctx: TenantContext, of: { userId?: string; projectId?: string }): Promise<void> {
    await ctx.transaction(async (tx) => {
      for (const { userId, projectId } of await listPlanned(tx, of, today()))
        if (!(await this.projects.holdMember(tx, projectId, userId))) await end(tx, projectId, userId);
    });
  }

  /** How much of whose time a project has is one of its figures, and nothing for guests. */
  async #demandFigures(ctx: TenantContext, projectId: string): Promise<void> {
    const enough = (ties: Ties) => canSeeFigures(ctx.actor, ties);
    if (!enough(await this.projects.tiesTo(ctx, projectId, { enough }))) throw new PermissionDenied('analytics.read');
  }

  #record(tx: TenantContext, projectId: string, id: string, changes: FieldChange[]): Promise<void> {
    return this.history.record(tx, projectId, { type: 'resource', id }, changes);
  }

  async #hold(tx: TenantContext, projectId: string, id: string, expectedVersion?: number): Promise<ResourceRow> {
    await this.projects.lockForUpdate(tx, projectId);
    const row = await this.#row(tx, projectId, id);
    demandVersion(row, expectedVersion);
    return row;
  }

  async #row(ctx: TenantContext, projectId: string, id: string): Promise<ResourceRow> {
    const row = await findResource(ctx, projectId, id);
    if (!row) throw new ResourceMissing();
    return row;
  }

  async #demandMember(tx: TenantContext, projectId: string, userId: string): Promise<void> {
    const isMember = await this.projects.holdMember(tx, projectId, userId);
    if (!isMember || !(await this.users.holdActive(tx, userId))) throw new NotInTheProject();
  }

  async #warned(tx: TenantContext, row: ResourceRow): Promise<PlannedResource> {
    return { ...row, warnings: await this.overAllocations.warnings(tx, row, warnedDays(row)) };
  }
}

/** At most 53 weeks, from this week on where the plan reaches so far: what is past can be planned no better. */
function warnedDays({ from, to }: DayRange): DayRange {
  const thisWeek = mondayOf(today());
  const first = from < thisWeek && thisWeek <= to ? thisWeek : from;
  const last = addDays(mondayOf(first), WARNED_DAYS - 1);
  return { from: first, to: to < last ? to : last };
}

function refuseImpossible({ hoursPerWeek, percent, from, to }: Required<Omit<ResourceFields, 'note'>>): void {
  const given = [hoursPerWeek, percent].filter((value) => value !== null && value !== undefined);
  if (given.length !== 1 || given[0]! <= 0) throw new OneMeasure();
  if (to < from) throw new AssignmentReversed();
}

/** One of the two replaces the other. */
function inOneMeasure(changes: ResourceChanges): ResourceChanges {
  const { hoursPerWeek, percent } = changes;
  if (typeof hoursPerWeek === 'number' && percent === undefined) return { ...changes, percent: null };
  if (typeof percent === 'number' && hoursPerWeek === undefined) return { ...changes, hoursPerWeek: null };
  return changes;
}

function takesMore(before: ResourceRow, after: ResourceRow): boolean {
  const isSame = before.hoursPerWeek === after.hoursPerWeek && before.percent === after.percent;
  return !isSame || after.from < before.from || after.to > before.to;
}

/** Until today; what has not begun is gone. */
async function end(tx: TenantContext, projectId: string, userId: string): Promise<void> {
  const parameters = [projectId, userId, today()];
  await tx.query(
    `DELETE FROM "@tenant".resource_assignments WHERE project_id = $1 AND user_id = $2 AND from_date > $3`,
    parameters,
  );
  await tx.query(
    `UPDATE "@tenant".resource_assignments SET to_date = $3, updated_at = now(), version = version + 1
      WHERE project_id = $1 AND user_id = $2 AND to_date > $3`,
    parameters,
  );
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
