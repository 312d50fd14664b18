import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { v7 as newId } from 'uuid';
import { refusalToHandle } from '../platform/access/role-bounds.ts';
import { audit } from '../platform/audit/audit.ts';
import { sqlState } from '../platform/database/database-problem.ts';
import { given } from '../platform/database/given.ts';
import { ActorsChanged } from '../platform/events/actors-changed.ts';
import { demandVersion } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { Role } from './role.entity.ts';
import { grantsFrom } from './role.rules.ts';
import {
  RoleBuiltIn,
  RoleInUse,
  RoleKeyTaken,
  RoleMissing,
  RoleOutOfReach,
  TooManyRoles,
  UnknownRole,
} from './roles.errors.ts';
import { countOwnRoles, isRoleHeld } from './roles.queries.ts';

const UNIQUE_VIOLATION = '23505';
/** Roles come on one page. Two who make one at the same moment may end with one more, which harms nobody. */
const MOST_ROLES = 100;

export interface NewRole {
  key: string;
  name: string;
  description?: string | null;
  level: number;
  grants: string[];
}

export type RoleChanges = Partial<Omit<NewRole, 'key'>>;

@Injectable()
export class RolesService {
  list(ctx: TenantContext): Promise<Role[]> {
    return ctx.repository(Role).find({ order: { level: 'DESC', key: 'ASC' } });
  }

  /** @throws RoleMissing */
  async get(ctx: TenantContext, id: string): Promise<Role> {
    const role = await ctx.repository(Role).findOneBy({ id });
    if (!role) throw new RoleMissing();
    return role;
  }

  /** @throws GrantsRefused, RoleOutOfReach, RoleKeyTaken, TooManyRoles */
  async create(ctx: TenantContext, { key, name, description = null, level, grants }: NewRole): Promise<Role> {
    const content = { key, name, description, level, grants: grantsFrom(grants) };
    refuse(refusalToHandle(ctx.actor, content));
    const id = newId();
    return ctx.transaction(async (tx) => {
      if ((await countOwnRoles(tx)) >= MOST_ROLES) throw new TooManyRoles(MOST_ROLES);
      await instead(
        UNIQUE_VIOLATION,
        new RoleKeyTaken(),
        tx.repository(Role).insert({ id, ...content, builtIn: false }),
      );
      await audit(tx, { action: 'role.created', target: { type: 'role', id }, after: content });
      return this.get(tx, id);
    });
  }

  /**
   * Changes what everybody who has the role may do, from their next request on.
   *
   * @throws RoleMissing, RoleBuiltIn, StaleVersion, GrantsRefused, RoleOutOfReach as it is or as it would be
   */
  async update(ctx: TenantContext, id: string, changes: RoleChanges, expectedVersion?: number): Promise<Role> {
    const wanted = given({ ...changes, grants: changes.grants && grantsFrom(changes.grants) });
    return ctx.transaction(async (tx) => {
      const role = await this.#lock(tx, id, expectedVersion);
      const after = { ...contentOf(role), ...wanted };
      refuse(refusalToHandle(tx.actor, role) ?? refusalToHandle(tx.actor, after));
      if (JSON.stringify(after) === JSON.stringify(contentOf(role))) return role;
      await tx.repository(Role).update({ id }, wanted);
      tx.announce(new ActorsChanged(null));
      await audit(tx, { action: 'role.updated', target: { type: 'role', id }, before: contentOf(role), after });
      return this.get(tx, id);
    });
  }

  /** @throws RoleMissing, RoleBuiltIn, StaleVersion, RoleOutOfReach, RoleInUse */
  async delete(ctx: TenantContext, id: string, expectedVersion?: number): Promise<void> {
    await ctx.transaction(async (tx) => {
      const role = await this.#lock(tx, id, expectedVersion);
      refuse(refusalToHandle(tx.actor, role));
      await audit(tx, { action: 'role.deleted', target: { type: 'role', id }, before: contentOf(role) });
      // Whoever gives the role locks its row first: what was given before the lock is seen here, and later it is not found.
      if (await isRoleHeld(tx, id)) throw new RoleInUse();
      await tx.repository(Role).delete({ id });
    });
  }

  /**
   * The roles with these keys. With `hold` they stay as they are until the transaction ends, so that what was decided by
   * their level and grants is still so when they were given.
   *
   * @throws UnknownRole naming the first that does not exist
   */
  async getByKeys(ctx: TenantContext, keys: string[], { hold = false } = {}): Promise<Role[]> {
    const roles = await ctx.repository(Role).find({
      where: { key: In(keys) },
      // All in one order, or two who give the same two roles could wait for one another.
      order: { id: 'ASC' },
      ...(hold ? { lock: { mode: 'pessimistic_read' as const } } : {}),
    });
    const missing = keys.findIndex((key) => !roles.some((role) => role.key === key));
    if (missing >= 0) throw new UnknownRole(keys[missing]!, missing);
    return roles;
  }

  async #lock(tx: TenantContext, id: string, expectedVersion?: number): Promise<Role> {
    const role = await tx.repository(Role).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!role) throw new RoleMissing();
    if (role.builtIn) throw new RoleBuiltIn();
    demandVersion(role, expectedVersion);
    return role;
  }
}

function contentOf({ key, name, description, level, grants }: Role) {
  return { key, name, description, level, grants };
}

function refuse(reason: string | null): void {
  if (reason !== null) throw new RoleOutOfReach(reason);
}

async function instead(state: string, error: Error, write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (thrown) {
    throw sqlState(thrown) === state ? error : thrown;
  }
}
