import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import { canAny } from '../platform/access/abilities.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import { audit } from '../platform/audit/audit.ts';
import { sqlState } from '../platform/database/database-problem.ts';
import { given } from '../platform/database/given.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { ActorsChanged } from '../platform/events/actors-changed.ts';
import { demandVersion } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { UsersService } from '../users/users.service.ts';
import { TeamMember } from './team-member.entity.ts';
import { Team } from './team.entity.ts';
import { canUpdateTeam, lackingToTakeIn } from './team.policy.ts';
import type { TeamRole } from './team.types.ts';
import { AlreadyInTeam, TeamMemberMissing, TeamMissing, TeamNameTaken, UnknownTeamMate } from './teams.errors.ts';
import { TeamCreated, TeamDeleted, TeamMemberAdded, TeamMemberRemoved, TeamUpdated } from './teams.events.ts';
import {
  findStanding,
  findTeam,
  findTeamMember,
  holdTeam,
  listMemberIds,
  listProjectRolesOf,
  listTeamMembers,
  listTeams,
  listTeamsOfUser,
  type TeamMemberRow,
  type TeamOfUserRow,
  type TeamRow,
} from './teams.queries.ts';

const UNIQUE_VIOLATION = '23505';

export interface NewTeam {
  name: string;
  description?: string | null;
}

@Injectable()
export class TeamsService {
  constructor(private readonly users: UsersService) {}

  list(ctx: TenantContext, query: ListQuery): Promise<Page<TeamRow>> {
    return listTeams(ctx, query);
  }

  /** @throws TeamMissing */
  async get(ctx: TenantContext, id: string): Promise<TeamRow> {
    const team = await findTeam(ctx, id);
    if (!team) throw new TeamMissing();
    return team;
  }

  /** The teams of a person: one's own, or anybody's for those who may see teams. @throws PermissionDenied, UserMissing */
  async listOfUser(ctx: TenantContext, userId: string, query: ListQuery): Promise<Page<TeamOfUserRow>> {
    if (userId !== ctx.actor.userId && !canAny(ctx.actor, 'team.read')) throw new PermissionDenied('team.read');
    await this.users.get(ctx, userId);
    return listTeamsOfUser(ctx, userId, query);
  }

  /** Nobody is in it yet. @throws TeamNameTaken */
  async create(ctx: TenantContext, { name, description = null }: NewTeam): Promise<TeamRow> {
    const id = newId();
    return ctx.transaction(async (tx) => {
      await guardName(tx.repository(Team).insert({ id, name, description }));
      await audit(tx, { action: 'team.created', target: { type: 'team', id }, after: { name, description } });
      tx.announce(new TeamCreated(id));
      return this.get(tx, id);
    });
  }

  /** @throws TeamMissing, PermissionDenied, StaleVersion, TeamNameTaken */
  async update(ctx: TenantContext, id: string, changes: Partial<NewTeam>, expectedVersion?: number): Promise<TeamRow> {
    return ctx.transaction(async (tx) => {
      const { team } = await this.#lockForUpdate(tx, id);
      demandVersion(team, expectedVersion);
      const { name, description } = { ...team, ...given(changes) };
      if (name === team.name && description === team.description) return team;
      await guardName(tx.repository(Team).update({ id }, { name, description }));
      await audit(tx, {
        action: 'team.updated',
        target: { type: 'team', id },
        before: { name: team.name, description: team.description },
        after: { name, description },
      });
      tx.announce(new TeamUpdated(id));
      return this.get(tx, id);
    });
  }

  /** Whoever was in a project through it is there no more. @throws TeamMissing, PermissionDenied, StaleVersion */
  async delete(ctx: TenantContext, id: string, expectedVersion?: number): Promise<void> {
    await ctx.transaction(async (tx) => {
      const team = await findTeam(tx, id, { lock: true });
      if (!team) throw new TeamMissing();
      demandVersion(team, expectedVersion);
      const members = await listMemberIds(tx, id);
      await tx.repository(Team).delete({ id });
      await audit(tx, {
        action: 'team.deleted',
        target: { type: 'team', id },
        before: { name: team.name, description: team.description, members },
      });
      for (const userId of members) tx.announce(new TeamMemberRemoved(id, userId));
      tx.announce(new TeamDeleted(id));
      if (members.length > 0) tx.announce(new ActorsChanged(null));
    });
  }

  /** @throws TeamMissing */
  async listMembers(ctx: TenantContext, teamId: string, query: ListQuery): Promise<Page<TeamMemberRow>> {
    await this.get(ctx, teamId);
    return listTeamMembers(ctx, teamId, query);
  }

  /** @throws TeamMissing, TeamMemberMissing */
  async getMember(ctx: TenantContext, teamId: string, userId: string): Promise<TeamMemberRow> {
    await this.get(ctx, teamId);
    return this.#member(ctx, teamId, userId);
  }

  /** @throws TeamMissing, PermissionDenied also for what the team may in projects, UnknownTeamMate, AlreadyInTeam */
  async addMember(ctx: TenantContext, teamId: string, userId: string, role: TeamRole): Promise<TeamMemberRow> {
    return ctx.transaction(async (tx) => {
      const { standing } = await this.#lockForUpdate(tx, teamId);
      const lacking = lackingToTakeIn(tx.actor, standing, await listProjectRolesOf(tx, teamId));
      if (lacking !== null) throw new PermissionDenied(lacking);
      if (!(await this.users.holdActive(tx, userId))) throw new UnknownTeamMate();
      if ((await findStanding(tx, teamId, userId)) !== null) throw new AlreadyInTeam();
      await tx.repository(TeamMember).insert({ teamId, userId, role });
      const target = { type: 'team', id: teamId };
      await audit(tx, { action: 'team.member_added', target, after: { userId, role } });
      tx.announce(new TeamMemberAdded(teamId, userId));
      tx.announce(new ActorsChanged(userId));
      return this.#member(tx, teamId, userId);
    });
  }

  /** @throws TeamMissing, PermissionDenied, TeamMemberMissing */
  async changeMember(ctx: TenantContext, teamId: string, userId: string, role: TeamRole): Promise<TeamMemberRow> {
    return ctx.transaction(async (tx) => {
      await this.#lockForUpdate(tx, teamId);
      const before = await findStanding(tx, teamId, userId);
      if (before === null) throw new TeamMemberMissing();
      if (before !== role) {
        await tx.repository(TeamMember).update({ teamId, userId }, { role });
        const target = { type: 'team', id: teamId };
        await audit(tx, {
          action: 'team.member_changed',
          target,
          before: { userId, role: before },
          after: { userId, role },
        });
      }
      return this.#member(tx, teamId, userId);
    });
  }

  /** @throws TeamMissing, PermissionDenied, TeamMemberMissing */
  async removeMember(ctx: TenantContext, teamId: string, userId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      await this.#lockForUpdate(tx, teamId);
      const role = await findStanding(tx, teamId, userId);
      if (role === null) throw new TeamMemberMissing();
      await tx.repository(TeamMember).delete({ teamId, userId });
      const target = { type: 'team', id: teamId };
      await audit(tx, { action: 'team.member_removed', target, before: { userId, role } });
      tx.announce(new TeamMemberRemoved(teamId, userId));
      tx.announce(new ActorsChanged(userId));
    });
  }

  /** Takes somebody who was deleted out of all teams. Who has their tasks is decided by that event, so nobody is told. */
  async forget(ctx: TenantContext, userId: string): Promise<void> {
    await ctx.transaction((tx) => tx.repository(TeamMember).delete({ userId }));
  }

  /** Keeps the team from being deleted until the transaction ends. @throws TeamMissing */
  async hold(tx: TenantContext, id: string): Promise<void> {
    if (!(await holdTeam(tx, id))) throw new TeamMissing();
  }

  async #lockForUpdate(tx: TenantContext, id: string): Promise<{ team: TeamRow; standing: TeamRole | null }> {
    const team = await findTeam(tx, id, { lock: true });
    if (!team) throw new TeamMissing();
    // A statement of its own: the one that waited for the row knows who was in the team before it waited.
    const standing = await findStanding(tx, id, tx.actor.userId);
    if (!canUpdateTeam(tx.actor, standing)) throw new PermissionDenied('team.update');
    return { team, standing };
  }

  async #member(ctx: TenantContext, teamId: string, userId: string): Promise<TeamMemberRow> {
    const member = await findTeamMember(ctx, teamId, userId);
    if (!member) throw new TeamMemberMissing();
    return member;
  }
}

async function guardName(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    throw sqlState(error) === UNIQUE_VIOLATION ? new TeamNameTaken() : error;
  }
}
