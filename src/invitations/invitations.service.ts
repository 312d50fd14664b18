import { Injectable } from '@nestjs/common';
import { IsNull, LessThan, LessThanOrEqual } from 'typeorm';
import { v7 as newId } from 'uuid';
import { AuthService } from '../auth/auth.service.ts';
import type { SignedIn } from '../auth/auth.types.ts';
import type { Caller } from '../platform/access/caller.ts';
import { audit } from '../platform/audit/audit.ts';
import { sqlState } from '../platform/database/database-problem.ts';
import type { ListQuery } from '../platform/database/list-query.types.ts';
import type { Page } from '../platform/database/page.ts';
import { ActionLimits } from '../platform/limits/action-limits.ts';
import { toCanonicalAddress } from '../platform/mail/canonical-address.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { ONE_TIME_PREFIX, TokenRefused, readToken, redeemToken } from '../platform/tokens/one-time-tokens.ts';
import { UsersService, type NewUser } from '../users/users.service.ts';
import { Invitation } from './invitation.entity.ts';
import { AddressNotVerified, InvitationExists, InvitationMissing, InvitationOver } from './invitations.errors.ts';
import { InvitationIssued } from './invitations.events.ts';
import { INVITATION_PURPOSE, revokeTokensOf } from './invitation-mails.service.ts';
import { findInvitation, findOpenInvitation, inviterStands, listInvitations } from './invitations.queries.ts';
import type { InvitationRow } from './invitations.types.ts';

const UNIQUE_VIOLATION = '23505';
const LIFE_MS = 7 * 86_400_000;

export interface Acceptance {
  token: string;
  firstName: string;
  lastName: string;
  password: string;
}

@Injectable()
export class InvitationsService {
  constructor(
    private readonly users: UsersService,
    private readonly auth: AuthService,
    private readonly contexts: TenantContexts,
    private readonly limits: ActionLimits,
  ) {}

  /** @throws AddressNotVerified, RateLimited, EmailTaken, InvitationExists, UnknownRole, UserOutOfReach when a role is more than the actor's own */
  async create(ctx: TenantContext, email: string, roles: string[]): Promise<InvitationRow> {
    const canonicalEmail = toCanonicalAddress(email);
    await this.#demandProof(ctx);
    await this.limits.demandMail(ctx, email);
    return ctx.transaction(async (tx) => {
      await this.users.demandGrantable(tx, roles);
      await this.users.demandFreeAddress(tx, email);
      // An invitation that nobody answered in time makes room for a new one.
      await tx
        .repository(Invitation)
        .update(
          { expiresAt: LessThan(new Date()), acceptedAt: IsNull(), revokedAt: IsNull() },
          { revokedAt: new Date() },
        );
      const id = newId();
      const expiresAt = new Date(Date.now() + LIFE_MS);
      const invitedBy = tx.actor.userId;
      await guardOpen(tx.repository(Invitation).insert({ id, email, canonicalEmail, roles, invitedBy, expiresAt }));
      await audit(tx, { action: 'invitation.created', target: { type: 'invitation', id }, after: { email, roles } });
      tx.announce(new InvitationIssued(id));
      return this.get(tx, id);
    });
  }

  list(ctx: TenantContext, query: ListQuery): Promise<Page<InvitationRow>> {
    return listInvitations(ctx, query);
  }

  /** @throws InvitationMissing */
  async get(ctx: TenantContext, id: string): Promise<InvitationRow> {
    const invitation = await findInvitation(ctx, id);
    if (!invitation) throw new InvitationMissing();
    return invitation;
  }

  /** Another mail with another link, good for a week from now. @throws AddressNotVerified, InvitationMissing, InvitationOver, UserOutOfReach */
  async resend(ctx: TenantContext, id: string): Promise<InvitationRow> {
    await this.#demandProof(ctx);
    await this.limits.demandMail(ctx, (await this.get(ctx, id)).email);
    return ctx.transaction(async (tx) => {
      const { roles } = await this.#hold(tx, id);
      // Whoever sends it again gives these roles as well.
      await this.users.demandGrantable(tx, roles);
      await tx.repository(Invitation).update({ id }, { expiresAt: new Date(Date.now() + LIFE_MS) });
      await audit(tx, { action: 'invitation.resent', target: { type: 'invitation', id } });
      tx.announce(new InvitationIssued(id));
      return this.get(tx, id);
    });
  }

  /** Its link no longer works. @throws InvitationMissing, InvitationOver */
  async revoke(ctx: TenantContext, id: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      await this.#hold(tx, id);
      await tx.repository(Invitation).update({ id }, { revokedAt: new Date() });
      await audit(tx, { action: 'invitation.revoked', target: { type: 'invitation', id } });
    });
  }

  /** Open ones of somebody who is gone: nobody stands for what they give any more. */
  async revokeOf(ctx: TenantContext, invitedBy: string, madeBefore = new Date()): Promise<void> {
    const open = { invitedBy, acceptedAt: IsNull(), revokedAt: IsNull(), createdAt: LessThanOrEqual(madeBefore) };
    await ctx.transaction((tx) => tx.repository(Invitation).update(open, { revokedAt: new Date() }));
  }

  /** What somebody sees before they accept. @throws TokenRefused, TenantMismatch */
  async preview(
    token: string,
    addressed: Tenant | null,
    caller: Caller,
  ): Promise<{ organisation: string; email: string; roles: string[] }> {
    const ctx = await this.#open(token, addressed, caller);
    const { email, roles } = await this.#read(ctx, token);
    return { organisation: ctx.tenant.name, email, roles };
  }

  /** Makes the person, whose address is known to be theirs by now, and signs them in. @throws PasswordSignInRefused where a provider signs people in; TokenRefused, WeakPassword, EmailTaken, PlanLimitReached */
  async accept(
    { token, firstName, lastName, password }: Acceptance,
    addressed: Tenant | null,
    caller: Caller,
  ): Promise<SignedIn> {
    const ctx = await this.#open(token, addressed, caller);
    const { id, email, roles } = await this.#read(ctx, token);
    // Before anything is done: they come in through the provider, and the invitation is theirs there.
    await this.auth.demandPasswordsFor(ctx, roles);
    const person = { email, firstName, lastName, password, roles, emailVerified: true };
    // Slow, so before the transaction; and a password that is too weak must not use the link up.
    const passwordHash = await this.users.hashPassword(ctx.tenant, person, '/password');
    const userId = await ctx.transaction(async (tx) => {
      await redeemToken(tx, INVITATION_PURPOSE, token);
      // Revoked while the password was hashed: whoever takes back what they offered must be able to count on it.
      const held = await findInvitation(tx, id, { lock: true });
      if (held?.state !== 'open' || !(await inviterStands(tx, held))) throw new TokenRefused();
      return this.#join(tx, id, { ...person, passwordHash });
    });
    return this.auth.signInNewcomer(ctx, userId, caller);
  }

  /**
   * Somebody whom a sign-in provider has sent, and whose address it has proved: if they were invited, they are made as the
   * invitation says. Its link no longer works.
   *
   * @returns whose account it is; null when nobody has invited them
   * @throws PlanLimitReached
   */
  async acceptProved(tx: TenantContext, person: Omit<NewUser, 'roles'>): Promise<string | null> {
    const invitation = await findOpenInvitation(tx, toCanonicalAddress(person.email));
    if (!invitation || !(await inviterStands(tx, invitation))) return null;
    const { id, roles } = invitation;
    await revokeTokensOf(tx, id);
    return this.#join(tx, id, { ...person, roles });
  }

  async #join(tx: TenantContext, id: string, person: NewUser): Promise<string> {
    const user = await this.users.create(tx, person);
    await tx.repository(Invitation).update({ id }, { acceptedAt: new Date() });
    const target = { type: 'invitation', id };
    await audit(tx, { action: 'invitation.accepted', target, details: { userId: user.id } });
    return user.id;
  }

  /** Else whoever signs up has us write to strangers. @throws AddressNotVerified */
  async #demandProof(ctx: TenantContext): Promise<void> {
    if (ctx.actor.userId !== null && !(await this.users.isProved(ctx, ctx.actor.userId)))
      throw new AddressNotVerified();
  }

  async #open(token: string, addressed: Tenant | null, caller: Caller): Promise<TenantContext> {
    const ctx = await this.contexts.openBySecret(ONE_TIME_PREFIX, token, addressed, caller);
    if (!ctx) throw new TokenRefused();
    return ctx;
  }

  async #read(ctx: TenantContext, token: string): Promise<InvitationRow> {
    const { data } = await readToken<{ invitationId: string }>(ctx, INVITATION_PURPOSE, token);
    const invitation = await findInvitation(ctx, data.invitationId);
    if (invitation?.state !== 'open') throw new TokenRefused();
    return invitation;
  }

  async #hold(tx: TenantContext, id: string): Promise<InvitationRow> {
    const invitation = await findInvitation(tx, id, { lock: true });
    if (!invitation) throw new InvitationMissing();
    if (invitation.state === 'accepted' || invitation.state === 'revoked') throw new InvitationOver();
    return invitation;
  }
}

async function guardOpen(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION) throw new InvitationExists();
    throw error;
  }
}
