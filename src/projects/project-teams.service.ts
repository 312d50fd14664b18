import { Injectable } from '@nestjs/common';
import type { ProjectRole } from '../platform/access/permissions.ts';
import { audit } from '../platform/audit/audit.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { ActorsChanged } from '../platform/events/actors-changed.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectHistoryService } from '../history/project-history.service.ts';
import { TeamsService } from '../teams/teams.service.ts';
import { ProjectTeam } from './project-team.entity.ts';
import { findProjectTeam, listProjectTeams, type ProjectTeamRow } from './project-membership.queries.ts';
import { ProjectTeamMissing } from './projects.errors.ts';
import { ProjectTeamGiven, ProjectTeamRemoved } from './projects.events.ts';
import { ProjectsService, refuseGiving } from './projects.service.ts';

/** Projects that are given to whole teams. */
@Injectable()
export class ProjectTeamsService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly teams: TeamsService,
    private readonly history: ProjectHistoryService,
  ) {}

  /** @throws ProjectMissing */
  async list(ctx: TenantContext, projectId: string, query: ListQuery): Promise<Page<ProjectTeamRow>> {
    await this.projects.get(ctx, projectId);
    return listProjectTeams(ctx, projectId, query);
  }

  /** Whoever is in the team, now or later, has this role in the project. @throws ProjectMissing, TeamMissing, PermissionDenied */
  async give(ctx: TenantContext, projectId: string, teamId: string, role: ProjectRole): Promise<ProjectTeamRow> {
    return ctx.transaction(async (tx) => {
      const { ties } = await this.projects.lockForUpdate(tx, projectId);
      refuseGiving(tx, role, ties);
      await this.teams.hold(tx, teamId);
      const before = await findProjectTeam(tx, projectId, teamId);
      if (before?.role !== role) {
        await tx
          .repository(ProjectTeam)
          .upsert({ projectId, teamId, memberType: 'team', role }, ['projectId', 'teamId']);
        await audit(tx, {
          action: 'project.team_given',
          target: { type: 'project', id: projectId },
          ...(before ? { before: { teamId, role: before.role } } : {}),
          after: { teamId, role },
        });
        await this.#record(tx, projectId, teamId, before?.role ?? null, role);
        tx.announce(new ProjectTeamGiven(projectId, teamId, role));
        tx.announce(new ActorsChanged(null));
      }
      return this.#row(tx, projectId, teamId);
    });
  }

  /** @throws ProjectMissing, PermissionDenied, ProjectTeamMissing */
  async take(ctx: TenantContext, projectId: string, teamId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      await this.projects.lockForUpdate(tx, projectId);
      const { role } = await this.#row(tx, projectId, teamId);
      await tx.repository(ProjectTeam).delete({ projectId, teamId });
      const target = { type: 'project', id: projectId };
      await audit(tx, { action: 'project.team_removed', target, before: { teamId, role } });
      await this.#record(tx, projectId, teamId, role, null);
      tx.announce(new ProjectTeamRemoved(projectId, teamId));
      tx.announce(new ActorsChanged(null));
    });
  }

  #record(
    tx: TenantContext,
    projectId: string,
    teamId: string,
    oldValue: ProjectRole | null,
    newValue: ProjectRole | null,
  ): Promise<void> {
    return this.history.record(tx, projectId, { type: 'team', id: teamId }, [{ field: 'role', oldValue, newValue }]);
  }

  async #row(ctx: TenantContext, projectId: string, teamId: string): Promise<ProjectTeamRow> {
    const row = await findProjectTeam(ctx, projectId, teamId);
    if (!row) throw new ProjectTeamMissing();
    return row;
  }
}
