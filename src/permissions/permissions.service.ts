import { Injectable } from '@nestjs/common';
import { canAny } from '../platform/access/abilities.ts';
import { PermissionDenied } from '../platform/access/access.errors.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ProjectsService } from '../projects/projects.service.ts';
import { RolesService } from '../roles/roles.service.ts';
import { UsersService } from '../users/users.service.ts';
import { effectivePermissions, permissionsInProject } from './effective-permissions.rules.ts';
import type { EffectivePermission } from './permissions.types.ts';

/** Bounds an answer: somebody may be in thousands of projects. Higher roles come first. */
const MOST_ASSIGNMENTS = 200;

@Injectable()
export class PermissionsService {
  constructor(
    private readonly users: UsersService,
    private readonly roles: RolesService,
    private readonly projects: ProjectsService,
  ) {}

  /**
   * What a person may do, in the organisation or in one project; nothing when they are not active. Of somebody else only
   * those projects count that the actor may see.
   *
   * @throws PermissionDenied, UserMissing, ProjectMissing
   */
  async list(ctx: TenantContext, userId: string, projectId?: string): Promise<EffectivePermission[]> {
    if (userId !== ctx.actor.userId)
      for (const permission of ['user.read', 'role.read'] as const)
        if (!canAny(ctx.actor, permission)) throw new PermissionDenied(permission);
    const user = await this.users.get(ctx, userId);
    if (projectId !== undefined) await this.projects.get(ctx, projectId);
    if (!user.active) return [];
    const roles = await this.roles.getByKeys(ctx, user.roles);
    const assignments = await this.projects.listAssignments(ctx, userId, { projectId, limit: MOST_ASSIGNMENTS });
    return projectId === undefined
      ? effectivePermissions(roles, assignments)
      : permissionsInProject(roles, assignments);
  }
}
