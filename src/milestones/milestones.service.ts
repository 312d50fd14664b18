import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import { given } from '../platform/database/given.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { AppError, demandVersion } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectHistoryService, changesOf } from '../history/project-history.service.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { canSeeProgress } from './milestone.policy.ts';
import { Milestone } from './milestone.entity.ts';
import { MilestoneMissing } from './milestones.errors.ts';
import { MilestoneChanged, MilestoneCreated, MilestoneDeleted } from './milestones.events.ts';
import { findMilestone, holdMilestone, listMilestones, type MilestoneRow } from './milestones.queries.ts';

export interface MilestoneFields {
  name: string;
  description?: string | null;
  dueDate?: string | null;
}

@Injectable()
export class MilestonesService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly history: ProjectHistoryService,
  ) {}

  /** @throws ProjectMissing, ProjectArchived, PermissionDenied */
  async create(ctx: TenantContext, projectId: string, fields: MilestoneFields): Promise<MilestoneRow> {
    return ctx.transaction(async (tx) => {
      await this.projects.lockForUpdate(tx, projectId);
      const id = newId();
      const values = { description: null, dueDate: null, ...given(fields) };
      await tx.repository(Milestone).insert({ ...values, id, projectId, completedAt: null, deletedAt: null });
      await this.#record(tx, projectId, id, changesOf({} as MilestoneFields, values));
      tx.announce(new MilestoneCreated(id, projectId));
      return this.#row(tx, id);
    });
  }

  /** @throws ProjectMissing */
  async list(ctx: TenantContext, projectId: string, query: ListQuery): Promise<Page<MilestoneRow>> {
    const ties = await this.projects.tiesTo(ctx, projectId);
    return listMilestones(ctx, projectId, query, canSeeProgress(ctx.actor, ties));
  }

  /** @throws MilestoneMissing, also when the project may not be seen */
  async get(ctx: TenantContext, id: string): Promise<MilestoneRow> {
    const milestone = await this.#row(ctx, id);
    const ties = await this.projects.tiesTo(ctx, milestone.projectId).catch(hidden);
    return canSeeProgress(ctx.actor, ties) ? milestone : { ...milestone, progress: null };
  }

  /** @throws MilestoneMissing, ProjectArchived, PermissionDenied, StaleVersion */
  update(
    ctx: TenantContext,
    id: string,
    changes: Partial<MilestoneFields>,
    expectedVersion?: number,
  ): Promise<MilestoneRow> {
    return this.#change(ctx, id, () => given(changes), expectedVersion);
  }

  /** It was reached; saying so twice changes nothing. @throws MilestoneMissing, ProjectArchived, PermissionDenied, StaleVersion */
  complete(ctx: TenantContext, id: string, expectedVersion?: number): Promise<MilestoneRow> {
    return this.#change(ctx, id, ({ completedAt }) => ({ completedAt: completedAt ?? new Date() }), expectedVersion);
  }

  /** It was not reached after all. @throws MilestoneMissing, ProjectArchived, PermissionDenied, StaleVersion */
  reopen(ctx: TenantContext, id: string, expectedVersion?: number): Promise<MilestoneRow> {
    return this.#change(ctx, id, () => ({ completedAt: null }), expectedVersion);
  }

  /** Its tasks stay, and belong to none once the event was heard. @throws MilestoneMissing, ProjectArchived, PermissionDenied, StaleVersion */
  async delete(ctx: TenantContext, id: string, expectedVersion?: number): Promise<void> {
    await ctx.transaction(async (tx) => {
      const { projectId } = await this.#lock(tx, id, expectedVersion);
      await tx.repository(Milestone).update({ id }, { deletedAt: new Date() });
      await this.#record(tx, projectId, id, [{ field: 'deleted', oldValue: false, newValue: true }]);
      tx.announce(new MilestoneDeleted(id, projectId));
    });
  }

  /** Whether the project has it; its deletion waits until the transaction ends. */
  hold(tx: TenantContext, projectId: string, id: string): Promise<boolean> {
    return holdMilestone(tx, projectId, id);
  }

  async #change(
    ctx: TenantContext,
    id: string,
    changesTo: (milestone: MilestoneRow) => Partial<Milestone>,
    expectedVersion?: number,
  ): Promise<MilestoneRow> {
    return ctx.transaction(async (tx) => {
      const before = await this.#lock(tx, id, expectedVersion);
      const changes = changesOf<Partial<Milestone>>(before, changesTo(before));
      if (changes.length === 0) return before;
      await tx
        .repository(Milestone)
        .update({ id }, Object.fromEntries(changes.map(({ field, newValue }) => [field, newValue])));
      await this.#record(tx, before.projectId, id, changes);
      tx.announce(
        new MilestoneChanged(
          id,
          before.projectId,
          changes.map(({ field }) => field),
        ),
      );
      return this.#row(tx, id);
    });
  }

  /** The project is what is locked: whoever changes a milestone changes the plan of the project. */
  async #lock(tx: TenantContext, id: string, expectedVersion?: number): Promise<MilestoneRow> {
    const { projectId } = await this.#row(tx, id);
    await this.projects.lockForUpdate(tx, projectId).catch(hidden);
    const milestone = await this.#row(tx, id);
    demandVersion(milestone, expectedVersion);
    return milestone;
  }

  async #row(ctx: TenantContext, id: string): Promise<MilestoneRow> {
    const row = await findMilestone(ctx, id);
    if (!row) throw new MilestoneMissing();
    return row;
  }

  #record(
    tx: TenantContext,
    projectId: string,
    id: string,
    changes: Parameters<ProjectHistoryService['record']>[3],
  ): Promise<void> {
    return this.history.record(tx, projectId, { type: 'milestone', id }, changes);
  }
}

/** A milestone of a project that may not be seen answers as if it did not exist. */
function hidden(error: unknown): never {
  throw error instanceof AppError && error.kind === 'missing' ? new MilestoneMissing() : error;
}
