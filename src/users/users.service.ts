import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import { v7 as newId } from 'uuid';
import { canAny } from '../platform/access/abilities.ts';
import { audit } from '../platform/audit/audit.ts';
import { sqlState } from '../platform/database/database-problem.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { given } from '../platform/database/given.ts';
import { ActorsChanged } from '../platform/events/actors-changed.ts';
import { InvalidInput, demandVersion } from '../platform/errors/app-error.ts';
import { toCanonicalAddress } from '../platform/mail/canonical-address.ts';
import { holdRoom } from '../platform/tenancy/plan-limits.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { PasswordsService, wordsOf } from '../passwords/passwords.service.ts';
import { SecondFactorsService } from '../second-factors/second-factors.service.ts';
import { RolesService } from '../roles/roles.service.ts';
import { refusalByKind, refusalToChange, refusalToDeactivate, refusalToGrant } from './user.policy.ts';
import { User } from './user.entity.ts';
import { EmailTaken, LastOwner, UserMissing, UserOutOfReach } from './users.errors.ts';
import { UserCreated, UserDeactivated } from './users.events.ts';
import {
  countActiveUsers,
  countOtherOwners,
  findUser,
  hasProvedOwner,
  holdActiveUser,
  holdUser,
  isAddressTaken,
  findByAddress,
  listOwnerIds,
  listUsers,
  sharesProject,
} from './users.queries.ts';
import type { UserKind, UserRow } from './users.types.ts';

const UNIQUE_VIOLATION = '23505';

export interface NewUser {
  /** A person when not given. */
  kind?: UserKind;
  email: string;
  firstName: string;
  lastName: string;
  password?: string;
  /** One that was hashed already, instead of a password. */
  passwordHash?: string;
  /** Whether mails to the address are known to reach them. */
  emailVerified?: boolean;
  roles?: string[];
}

export interface UserChanges {
  email?: string;
  firstName?: string;
  lastName?: string;
  title?: string | null;
  timeZone?: string | null;
  locale?: string | null;
  active?: boolean;
}

@Injectable()
export class UsersService {
  constructor(
    private readonly roles: RolesService,
    private readonly passwords: PasswordsService,
    private readonly secondFactors: SecondFactorsService,
  ) {}

  /** @throws UnknownRole, EmailTaken, PlanLimitReached, WeakPassword, UserOutOfReach when a role is above the actor's own */
  async create(ctx: TenantContext, user: NewUser): Promise<UserRow> {
    const passwordHash = user.passwordHash ?? (await this.hashPassword(ctx.tenant, user, '/password'));
    const id = newId();
    const { kind = 'person' } = user;
    const canonicalEmail = toCanonicalAddress(user.email);
    return ctx.transaction(async (tx) => {
      if (kind === 'person') await holdRoom(tx, 'users', countActiveUsers);
      const roles = await this.roles.getByKeys(tx, [...new Set(user.roles ?? ['member'])], { hold: true });
      if (roles.length === 0)
        throw new InvalidInput([{ pointer: '/roles', code: 'empty', message: 'A person has at least one role.' }]);
      refuse(refusalToGrant(tx.actor, roles) ?? refusalByKind(kind, roles));
      const { email, firstName, lastName } = user;
      const roleIds = roles.map((role) => role.id);
      const emailVerifiedAt = user.emailVerified ? new Date() : null;
      await this.#guardEmail(
        tx
          .repository(User)
          .insert({ id, kind, email, canonicalEmail, firstName, lastName, active: true, emailVerifiedAt, roleIds }),
      );
      if (passwordHash !== undefined) await this.passwords.store(tx, id, passwordHash);
      if (kind === 'person')
        await audit(tx, {
          action: 'user.created',
          target: { type: 'user', id },
          after: { email, firstName, lastName, roles: roles.map((role) => role.key) },
        });
      tx.announce(new UserCreated(id));
      return this.get(tx, id);
    });
  }

  /** For somebody who is still to be created; undefined without a password. @throws WeakPassword at the pointer */
  async hashPassword(
    tenant: Pick<Tenant, 'slug' | 'name'>,
    user: NewUser,
    pointer: string,
  ): Promise<string | undefined> {
    if (user.password === undefined) return undefined;
    return this.passwords.hash(user.password, wordsOf(tenant, user), { pointer });
  }

  list(ctx: TenantContext, query: ListQuery): Promise<Page<UserRow>> {
    return listUsers(ctx, query);
  }

  /** @throws UserMissing */
  async get(ctx: TenantContext, id: string): Promise<UserRow> {
    const user = await findUser(ctx, id);
    if (!user) throw new UserMissing();
    return user;
  }

  /** The same, of somebody whom the actor may know of: see `sees`. @throws UserMissing */
  async getKnown(ctx: TenantContext, id: string): Promise<UserRow> {
    if (!(await this.sees(ctx, id))) throw new UserMissing();
    return this.get(ctx, id);
  }

  /** @throws UserOutOfReach when the person stands above the actor */
  demandReach(ctx: TenantContext, { id, level, roles }: UserRow): void {
    refuse(refusalToChange(ctx.actor, { id, level, isOwner: roles.includes('owner') }));
  }

  find(ctx: TenantContext, id: string): Promise<UserRow | null> {
    return findUser(ctx, id);
  }

  /** People who count against the plan. */
  countActive(ctx: TenantContext): Promise<number> {
    return countActiveUsers(ctx);
  }

  /** Whether this is a person of the tenant who can be given work; they stay so until the transaction ends. */
  holdActive(tx: TenantContext, id: string): Promise<boolean> {
    return holdActiveUser(tx, id);
  }

  /** The same, for somebody whom the actor names: see `sees`. */
  async holdKnown(tx: TenantContext, id: string, projectId?: string): Promise<boolean> {
    return (await this.sees(tx, id, projectId)) && holdActiveUser(tx, id);
  }

  /**
   * Whether the actor may know of this person: those who read no list of people, such as guests, know whom they share a project
   * with. For what they may not know every answer is that of an unknown id.
   *
   * @param projectId the one project that counts; any when not given
   */
  async sees(ctx: TenantContext, id: string, projectId?: string): Promise<boolean> {
    const { actor } = ctx;
    return canAny(actor, 'user.read') || id === actor.userId || sharesProject(ctx, id, projectId);
  }

  /**
   * The first of these who is active still, or else an owner of the organisation; they stay active until the transaction
   * ends. What nobody else can take is never left with somebody who is gone.
   */
  async holdSuccessor(tx: TenantContext, candidates: (string | null | undefined)[]): Promise<string> {
    const wanted = candidates.filter((id) => id !== null && id !== undefined);
    for (const id of new Set([...wanted, ...(await listOwnerIds(tx))])) if (await holdActiveUser(tx, id)) return id;
    // They are changing at this very moment: an organisation keeps an owner.
    throw new Error('no owner could be held to succeed somebody');
  }

  /** The person cannot be deleted until the transaction ends. @throws UserMissing */
  async hold(tx: TenantContext, id: string): Promise<void> {
    if (!(await holdUser(tx, id))) throw new UserMissing();
  }

  /**
   * @param expectedVersion the version that the change is based on, if the caller insists on it
   * @throws UserMissing, StaleVersion, UserOutOfReach, LastOwner, EmailTaken, PlanLimitReached
   */
  async update(ctx: TenantContext, id: string, changes: UserChanges, expectedVersion?: number): Promise<UserRow> {
    return ctx.transaction(async (tx) => {
      // Whether room is needed can be told only once nobody else changes it.
      if (changes.active === true)
        await holdRoom(tx, 'users', async () => ((await this.get(tx, id)).active ? 0 : countActiveUsers(tx)));
      const user = await this.#lock(tx, id, expectedVersion);
      const isOwner = user.roles.includes('owner');
      refuse(refusalToChange(tx.actor, { id, level: user.level, isOwner }));
      if (user.kind === 'service' && changes.email !== undefined) refuse('A service account keeps its address.');
      if (id === tx.actor.userId && changes.email !== undefined && changes.email !== user.email)
        refuse('Change your own address with POST /users/me/email, where both addresses confirm it.');
      // Whoever has the address can have a new password sent to it: to change it is to give away what the person is.
      if (changes.email !== undefined && changes.email !== user.email)
        refuse(refusalToGrant(tx.actor, await this.roles.getByKeys(tx, user.roles)));
      if (changes.active === false && user.active) {
        refuse(refusalToDeactivate(tx.actor, { id, level: user.level, isOwner }));
        if (isOwner && (await countOtherOwners(tx, id)) === 0) throw new LastOwner();
        tx.announce(new UserDeactivated(id));
      }
      if (changes.active !== undefined && changes.active !== user.active) tx.announce(new ActorsChanged(id));
      return this.#change(tx, user, changes);
    });
  }

  /** What people may change about themselves. */
  async updateOwn(
    ctx: TenantContext,
    changes: Omit<UserChanges, 'email' | 'active'>,
    expectedVersion?: number,
  ): Promise<UserRow> {
    return ctx.transaction(async (tx) => {
      return this.#change(tx, await this.#lock(tx, tx.actor.userId!, expectedVersion), changes);
    });
  }

  /** Gives the person exactly these roles. @throws UserMissing, UnknownRole, UserOutOfReach, LastOwner */
  async setRoles(ctx: TenantContext, id: string, keys: string[], expectedVersion?: number): Promise<UserRow> {
    return ctx.transaction(async (tx) => {
      const user = await this.#lock(tx, id, expectedVersion);
      const isOwner = user.roles.includes('owner');
      const roles = await this.roles.getByKeys(tx, [...new Set(keys)], { hold: true });
      if (roles.length === 0)
        throw new InvalidInput([{ pointer: '/roles', code: 'empty', message: 'A person has at least one role.' }]);
      // What somebody has already is given by nobody: it may be more than the actor holds.
      const added = roles.filter((role) => !user.roles.includes(role.key));
      refuse(refusalToChange(tx.actor, { id, level: user.level, isOwner }) ?? refusalToGrant(tx.actor, added));
      refuse(refusalByKind(user.kind, roles));
      const staysOwner = roles.some((role) => role.key === 'owner');
      if (isOwner && !staysOwner && (await countOtherOwners(tx, id)) === 0) throw new LastOwner();
      await tx.repository(User).update({ id }, { roleIds: roles.map((role) => role.id) });
      tx.announce(new ActorsChanged(id));
      const after = await this.get(tx, id);
      await audit(tx, {
        action: 'user.roles_changed',
        target: { type: 'user', id },
        before: { roles: user.roles },
        after: { roles: after.roles },
      });
      return after;
    });
  }

  /** That the actor may give these roles, to whomever. @throws UnknownRole, UserOutOfReach */
  async demandGrantable(ctx: TenantContext, keys: string[]): Promise<void> {
    const roles = await this.roles.getByKeys(ctx, [...new Set(keys)]);
    if (roles.length === 0)
      throw new InvalidInput([{ pointer: '/roles', code: 'empty', message: 'A person has at least one role.' }]);
    refuse(refusalToGrant(ctx.actor, roles));
  }

  /** @throws EmailTaken */
  async demandFreeAddress(ctx: TenantContext, email: string): Promise<void> {
    if (await isAddressTaken(ctx, email)) throw new EmailTaken();
  }

  /** Whether mails are known to reach this person; a program is as good as the owners of its organisation. */
  async isProved(ctx: TenantContext, id: string): Promise<boolean> {
    const user = await this.get(ctx, id);
    return user.kind === 'person' ? user.emailVerifiedAt !== null : hasProvedOwner(ctx);
  }

  /** Active owners, those who have been here longest first, and whether one of them has ever proved an address. */
  async listOwners(ctx: TenantContext): Promise<{ ids: string[]; isProved: boolean }> {
    return { ids: await listOwnerIds(ctx), isProved: await hasProvedOwner(ctx) };
  }

  /** Mails to the address arrive. @returns whether it still is the person's */
  async markVerified(tx: TenantContext, id: string, email: string): Promise<boolean> {
    const { affected } = await tx.repository(User).update({ id, email }, { emailVerifiedAt: new Date() });
    return affected === 1;
  }

  /** The same on the word of a sign-in provider, who may spell it otherwise. */
  async markProved(tx: TenantContext, id: string, email: string): Promise<void> {
    const canonicalEmail = toCanonicalAddress(email);
    await tx
      .repository(User)
      .update({ id, canonicalEmail, emailVerifiedAt: IsNull() }, { emailVerifiedAt: new Date() });
  }

  /** To one that is known to be good. @throws EmailTaken */
  async changeAddress(tx: TenantContext, id: string, email: string): Promise<void> {
    await this.#guardEmail(
      tx
        .repository(User)
        .update({ id }, { email, canonicalEmail: toCanonicalAddress(email), emailVerifiedAt: new Date() }),
    );
    await this.passwords.revokeLinks(tx, id);
  }

  /** Lets somebody in again whose password was disabled by failures. @throws UserMissing, UserOutOfReach */
  async unlock(ctx: TenantContext, id: string): Promise<void> {
    this.demandReach(ctx, await this.get(ctx, id));
    await this.passwords.unlock(ctx, { id });
  }

  /** For somebody who lost theirs: they sign in with their password, and set up new ones; one that was long enough only beside them is reset first. @throws UserMissing, UserOutOfReach */
  async removeSecondFactors(ctx: TenantContext, id: string): Promise<void> {
    this.demandReach(ctx, await this.get(ctx, id));
    await ctx.transaction(async (tx) => {
      await this.secondFactors.removeAll(tx, id);
      await this.passwords.disableShort(tx, id);
    });
  }

  /** Whose address this is; null for nobody's, and a service account's. */
  async findByEmail(ctx: TenantContext, email: string): Promise<{ id: string; active: boolean } | null> {
    return findByAddress(ctx, email);
  }

  /** Which picture shows the person, if any. @returns the former one; null when there was none */
  async putAvatar(tx: TenantContext, id: string, avatar: string | null): Promise<string | null> {
    // Also of somebody who was deleted, whose picture is taken away afterwards.
    const user = await tx.repository(User).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
    if (user && user.avatar !== avatar) await tx.repository(User).update({ id }, { avatar });
    return user?.avatar ?? null;
  }

  async recordLogin(ctx: TenantContext, id: string): Promise<void> {
    await ctx.query(`UPDATE "@tenant".users SET last_login_at = now(), version = version + 1 WHERE id = $1`, [id]);
  }

  async #lock(tx: TenantContext, id: string, expectedVersion?: number): Promise<UserRow> {
    const user = await findUser(tx, id, { lock: true });
    if (!user) throw new UserMissing();
    demandVersion(user, expectedVersion);
    return user;
  }

  async #change(tx: TenantContext, user: UserRow, changes: UserChanges): Promise<UserRow> {
    const wanted = given(changes);
    if (Object.keys(wanted).length === 0) return user;
    const before = Object.fromEntries(Object.keys(wanted).map((field) => [field, user[field as keyof UserChanges]]));
    await audit(tx, { action: 'user.updated', target: { type: 'user', id: user.id }, before, after: wanted });
    return this.#store(tx, user, wanted);
  }

  async #store(tx: TenantContext, user: UserRow, changes: UserChanges): Promise<UserRow> {
    const { email, firstName, lastName, title, timeZone, locale, active } = { ...user, ...given(changes) };
    const emailVerifiedAt = email === user.email ? user.emailVerifiedAt : null;
    const columns = { firstName, lastName, title, timeZone, locale, active, emailVerifiedAt };
    const address = email === user.email ? {} : { email, canonicalEmail: toCanonicalAddress(email) };
    await this.#guardEmail(tx.repository(User).update({ id: user.id }, { ...columns, ...address }));
    if (email !== user.email) await this.passwords.revokeLinks(tx, user.id);
    return this.get(tx, user.id);
  }

  async #guardEmail(write: Promise<unknown>): Promise<void> {
    try {
      await write;
    } catch (error) {
      if (sqlState(error) === UNIQUE_VIOLATION) throw new EmailTaken();
      throw error;
    }
  }
}

function refuse(reason: string | null): void {
  if (reason !== null) throw new UserOutOfReach(reason);
}
