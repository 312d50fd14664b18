import { Injectable } from '@nestjs/common';
import { InvitationsService } from '../invitations/invitations.service.ts';
import { audit } from '../platform/audit/audit.ts';
import { Credential } from '../platform/credentials/credential.entity.ts';
import { AppError, InvalidInput } from '../platform/errors/app-error.ts';
import { addressKey } from '../platform/mail/canonical-address.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Provider } from '../sign-in-providers/sign-in-providers.types.ts';
import { UsersService, type NewUser } from '../users/users.service.ts';
import { SignInRefused } from './oauth.errors.ts';
import type { Vouched } from './oauth.types.ts';
import { isOfDomains } from './vouched.rules.ts';

/** Whom of the organisation a provider speaks of. */
@Injectable()
export class IdentitiesService {
  constructor(
    private readonly users: UsersService,
    private readonly invitations: InvitationsService,
  ) {}

  /**
   * The account of whom the provider vouches for: the one that was linked before; else that with the same address, if the
   * provider has proved it; else a new one, for somebody who was invited or where newcomers are let in.
   *
   * @throws SignInRefused
   */
  async resolve(ctx: TenantContext, provider: Provider, vouched: Vouched): Promise<string> {
    return ctx.transaction(async (tx) => {
      // Two first sign-ins of one person at once would both look for the identity that neither has written.
      await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
        `${tx.tenant.id} ${provider.id} ${vouched.email === null ? vouched.subject : addressKey(vouched.email)}`,
      ]);
      // Once linked it is by this alone that somebody is known, whatever their address becomes.
      const known = await tx
        .repository(Credential)
        .findOneBy({ type: 'identity', providerId: provider.id, key: vouched.subject });
      demandDomain(provider, vouched);
      if (known) return this.#goOn(tx, known);
      const email = demandVerified(vouched);
      const account = await this.users.findByEmail(tx, email);
      if (!account) return this.#welcome(tx, provider, { ...vouched, email });
      if (!account.active) throw new SignInRefused('account_inactive');
      await this.users.markProved(tx, account.id, email);
      await this.#link(tx, provider, vouched.subject, account.id);
      return account.id;
    });
  }

  /** Somebody who was deleted may come back as somebody new. */
  async forget(ctx: TenantContext, userId: string): Promise<void> {
    await ctx.transaction((tx) => tx.repository(Credential).delete({ userId, type: 'identity' }));
  }

  async #goOn(tx: TenantContext, { userId, type, id }: Credential): Promise<string> {
    const user = await this.users.find(tx, userId);
    if (!user?.active || user.kind !== 'person') throw new SignInRefused('account_inactive');
    await tx.repository(Credential).update({ userId, type, id }, { usedAt: new Date() });
    return userId;
  }

  async #welcome(tx: TenantContext, provider: Provider, vouched: Vouched & { email: string }): Promise<string> {
    const { email, firstName, lastName } = vouched;
    const person = { email, firstName, lastName, emailVerified: true };
    try {
      const id = (await this.invitations.acceptProved(tx, person)) ?? (await this.#create(tx, provider, person));
      await this.#link(tx, provider, vouched.subject, id);
      return id;
    } catch (error) {
      if (error instanceof AppError && error.code === 'plan_limit_reached')
        throw new SignInRefused('plan_limit_reached', error);
      // The role that newcomers get is gone.
      if (error instanceof InvalidInput) throw new SignInRefused('newcomers_refused', error);
      throw error;
    }
  }

  async #create(tx: TenantContext, provider: Provider, person: NewUser): Promise<string> {
    if (!provider.createUsers) throw new SignInRefused('no_account', undefined, person.email);
    return (await this.users.create(tx, { ...person, roles: [provider.role] })).id;
  }

  /** @throws SignInRefused when the account is somebody else's at this provider: their address was given to another one */
  async #link(tx: TenantContext, provider: Provider, subject: string, userId: string): Promise<void> {
    const identity = { userId, type: 'identity' as const, id: provider.id };
    const credentials = tx.repository(Credential);
    if (await credentials.existsBy(identity)) throw new SignInRefused('identity_taken');
    await credentials.insert({ ...identity, providerId: provider.id, key: subject, usedAt: new Date() });
    const target = { type: 'user', id: userId };
    await audit(tx, { action: 'sign_in_identity.linked', target, details: { provider: provider.key, subject } });
  }
}

/** At every sign-in, and by an address that is proved: one that somebody wrote into their profile would let everybody in. */
function demandDomain({ domains }: Provider, { email, emailVerified }: Vouched): void {
  if (domains.length === 0) return;
  if (email === null || !emailVerified) throw new SignInRefused('email_not_verified', undefined, email);
  if (!isOfDomains(email, domains)) throw new SignInRefused('email_domain_refused', undefined, email);
}

function demandVerified({ email, emailVerified }: Vouched): string {
  if (email === null || !emailVerified) throw new SignInRefused('email_not_verified', undefined, email);
  return email;
}
