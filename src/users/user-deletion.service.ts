import { Injectable } from '@nestjs/common';
import { canAny } from '../platform/access/abilities.ts';
import { audit } from '../platform/audit/audit.ts';
import { ActorsChanged } from '../platform/events/actors-changed.ts';
import { demandVersion } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { PasswordsService } from '../passwords/passwords.service.ts';
import { SecondFactorsService } from '../second-factors/second-factors.service.ts';
import { refusalToDelete, refusalToHandOver } from './user.policy.ts';
import { User } from './user.entity.ts';
import { LastOwner, OwnsProjects, UnknownSuccessor, UserMissing, UserOutOfReach } from './users.errors.ts';
import { UserDeleted } from './users.events.ts';
import { countOtherOwners, findUser, holdActiveUser, listOwnedProjects } from './users.queries.ts';
import type { UserRow } from './users.types.ts';

/** Deleting people for good. Their row stays under another name, for comments, history and reported tasks refer to it. */
@Injectable()
export class UserDeletion {
  constructor(
    private readonly passwords: PasswordsService,
    private readonly secondFactors: SecondFactorsService,
  ) {}

  /**
   * What can be signed in with goes at once; the rest of what was theirs once the event is heard.
   *
   * @param reassignTo who gets their projects and open tasks; without, the tasks become nobody's
   * @throws UserMissing, UserOutOfReach, StaleVersion, LastOwner, UnknownSuccessor, OwnsProjects without somebody to get them
   */
  async delete(ctx: TenantContext, id: string, reassignTo: string | null, expectedVersion?: number): Promise<void> {
    await ctx.transaction(async (tx) => {
      const user = await findUser(tx, id, { lock: true });
      if (!user) throw new UserMissing();
      demandVersion(user, expectedVersion);
      const isOwner = user.roles.includes('owner');
      refuse(refusalToDelete(tx.actor, { id, level: user.level, isOwner }));
      if (isOwner && (await countOtherOwners(tx, id)) === 0) throw new LastOwner();
      await this.#settle(tx, id, reassignTo);
      await this.#erase(tx, user);
      const { email, firstName, lastName, roles } = user;
      const target = { type: 'user', id };
      const before = { email, firstName, lastName, roles };
      await audit(tx, { action: 'user.deleted', target, before, details: { reassignTo } });
      tx.announce(new ActorsChanged(id));
      tx.announce(new UserDeleted(id, reassignTo, tx.actor.userId));
    });
  }

  async #settle(tx: TenantContext, id: string, reassignTo: string | null): Promise<void> {
    if (reassignTo !== null) {
      refuse(refusalToHandOver(tx.actor));
      if (reassignTo === id || !(await holdActiveUser(tx, reassignTo))) throw new UnknownSuccessor();
      return;
    }
    const owned = await listOwnedProjects(tx, id);
    const shown = canAny(tx.actor, 'project.read') ? owned.slice(0, NAMED).map(({ name }) => name) : [];
    if (owned.length > 0) throw new OwnsProjects(owned.length, shown);
  }

  async #erase(tx: TenantContext, { id }: UserRow): Promise<void> {
    await this.passwords.forget(tx, id);
    await this.secondFactors.removeAll(tx, id);
    // Its address is free from now on. A name that leads nowhere (RFC 2606) takes its place.
    const email = `${id}@deleted.invalid`;
    await tx.repository(User).update({ id }, { ...NOBODY, email, canonicalEmail: email, deletedAt: new Date() });
  }
}

/** Of the projects that somebody owns, in the refusal. */
const NAMED = 20;

const NOBODY = {
  roleIds: [],
  firstName: 'Deleted',
  lastName: 'user',
  title: null,
  timeZone: null,
  locale: null,
  active: false,
  emailVerifiedAt: null,
  lastLoginAt: null,
};

function refuse(reason: string | null): void {
  if (reason !== null) throw new UserOutOfReach(reason);
}
