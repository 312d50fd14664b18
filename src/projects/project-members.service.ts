import { Injectable } from '@nestjs/common';
import type { ProjectRole } from '../platform/access/permissions.ts';
import { audit } from '../platform/audit/audit.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { ActorsChanged } from '../platform/events/actors-changed.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectHistoryService } from '../history/project-history.service.ts';
import { UsersService } from '../users/users.service.ts';
import { holdDirectMember } from './project-membership.queries.ts';
import { ProjectMember } from './project-member.entity.ts';
import { AlreadyMember, MemberMissing, OwnerStaysInCharge, UnknownPerson } from './projects.errors.ts';
import { ProjectMemberAdded, ProjectMemberRemoved } from './projects.events.ts';
import { findMember, listMembers, type MemberRow } from './projects.queries.ts';
import { ProjectsService, refuseGiving } from './projects.service.ts';

/** People who are in a project by name, and what they are there. */
@Injectable()
export class ProjectMembersService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly users: UsersService,
    private readonly history: ProjectHistoryService,
  ) {}

  async list(ctx: TenantContext, projectId: string, query: ListQuery): Promise<Page<MemberRow>> {
    await this.projects.get(ctx, projectId);
    return listMembers(ctx, projectId, query);
  }

  /** @throws ProjectMissing, MemberMissing */
  async get(ctx: TenantContext, projectId: string, userId: string): Promise<MemberRow> {
    await this.projects.get(ctx, projectId);
    return this.#member(ctx, projectId, userId);
  }

  /** @throws ProjectMissing, PermissionDenied, UnknownPerson, AlreadyMember */
  async add(ctx: TenantContext, projectId: string, userId: string, role: ProjectRole): Promise<MemberRow> {
    return ctx.transaction(async (tx) => {
      const { ties } = await this.projects.lockForUpdate(tx, projectId);
      refuseGiving(tx, role, ties);
      if (!(await this.users.holdActive(tx, userId))) throw new UnknownPerson('/userId');
      if (await holdDirectMember(tx, projectId, userId)) throw new AlreadyMember();
      await tx.repository(ProjectMember).insert({ projectId, userId, role });
      await this.#record(tx, 'added', projectId, { userId, from: null, to: role });
      tx.announce(new ProjectMemberAdded(projectId, userId, role));
      tx.announce(new ActorsChanged(userId));
      return this.#member(tx, projectId, userId);
    });
  }

  /** @throws ProjectMissing, PermissionDenied, MemberMissing */
  async change(ctx: TenantContext, projectId: string, userId: string, role: ProjectRole): Promise<MemberRow> {
    return ctx.transaction(async (tx) => {
      const { project, ties } = await this.projects.lockForUpdate(tx, projectId);
      refuseGiving(tx, role, ties);
      if (userId === project.ownerId && role !== 'manager') throw new OwnerStaysInCharge();
      const before = await this.#member(tx, projectId, userId);
      await tx.repository(ProjectMember).update({ projectId, userId }, { role });
      await this.#record(tx, 'changed', projectId, { userId, from: before.role, to: role });
      tx.announce(new ActorsChanged(userId));
      return this.#member(tx, projectId, userId);
    });
  }

  /** @throws ProjectMissing, PermissionDenied, MemberMissing */
  async remove(ctx: TenantContext, projectId: string, userId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      const { project } = await this.projects.lockForUpdate(tx, projectId);
      if (userId === project.ownerId) throw new OwnerStaysInCharge();
      const { role } = await this.#member(tx, projectId, userId);
      await tx.repository(ProjectMember).delete({ projectId, userId });
      await this.#record(tx, 'removed', projectId, { userId, from: role, to: null });
      tx.announce(new ProjectMemberRemoved(projectId, userId));
      tx.announce(new ActorsChanged(userId));
    });
  }

  async #member(ctx: TenantContext, projectId: string, userId: string): Promise<MemberRow> {
    const member = await findMember(ctx, projectId, userId);
    if (!member) throw new MemberMissing();
    return member;
  }

  /** In the audit log of the organisation, and in what happened to the project. */
  async #record(
    tx: TenantContext,
    verb: 'added' | 'changed' | 'removed',
    projectId: string,
    { userId, from, to }: { userId: string; from: ProjectRole | null; to: ProjectRole | null },
  ): Promise<void> {
    const details = to === null ? { userId } : { userId, role: to };
    await audit(tx, { action: `project_member.${verb}`, target: { type: 'project', id: projectId }, details });
    const change = { field: 'role', oldValue: from, newValue: to };
    await this.history.record(tx, projectId, { type: 'member', id: userId }, [change]);
  }
}
