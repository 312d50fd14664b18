import { Injectable } from '@nestjs/common';
import { v7 as newId } from 'uuid';
import { audit } from '../platform/audit/audit.ts';
import { auditHourly } from '../platform/audit/hourly.ts';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import { sqlState } from '../platform/database/database-problem.ts';
import { given } from '../platform/database/given.ts';
import { InvalidInput, demandVersion } from '../platform/errors/app-error.ts';
import { OutgoingRefused, OutgoingRequests } from '../platform/outgoing/outgoing-requests.ts';
import { canonicalDomain } from '../platform/mail/canonical-address.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { RolesService } from '../roles/roles.service.ts';
import { SignInProvider } from './sign-in-provider.entity.ts';
import { placeOf, placeProblems, refusalOfRole, scopesOf } from './sign-in-provider.rules.ts';
import {
  OwnersOnly,
  IssuerRefused,
  NewcomerRoleRefused,
  PasswordSignInRefused,
  SignInProviderMissing,
  SignInProviderTaken,
  TooManySignInProviders,
} from './sign-in-providers.errors.ts';
import { findEnforcedNames } from './sign-in-providers.queries.ts';
import {
  SEALED_CLIENT_SECRET,
  type Provider,
  type ProviderKind,
  type ProviderSummary,
} from './sign-in-providers.types.ts';

const UNIQUE_VIOLATION = '23505';
const MOST = 10;

export interface ProviderChanges {
  name?: string;
  clientId?: string;
  /** Null takes it away. */
  clientSecret?: string | null;
  scopes?: string[];
  domains?: string[];
  createUsers?: boolean;
  role?: string;
  enforced?: boolean;
  enabled?: boolean;
}

export interface NewProvider extends ProviderChanges {
  key: string;
  kind: ProviderKind;
  name: string;
  clientId: string;
  issuer?: string;
  directory?: string;
}

@Injectable()
export class SignInProvidersService {
  constructor(
    private readonly roles: RolesService,
    private readonly box: SecretBox,
    private readonly outgoing: OutgoingRequests,
  ) {}

  /** All of them, oldest first; there are few. */
  list(ctx: TenantContext): Promise<SignInProvider[]> {
    return ctx.repository(SignInProvider).find({ order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** @throws SignInProviderMissing */
  async get(ctx: TenantContext, id: string): Promise<SignInProvider> {
    const provider = await ctx.repository(SignInProvider).findOneBy({ id });
    if (!provider) throw new SignInProviderMissing();
    return provider;
  }

  /** @throws OwnersOnly, InvalidInput, IssuerRefused, UnknownRole, NewcomerRoleRefused, SignInProviderTaken, TooManySignInProviders */
  async create(ctx: TenantContext, wanted: NewProvider): Promise<SignInProvider> {
    const { key, kind, name, clientId, issuer = null, directory = null } = wanted;
    const {
      scopes = [],
      domains = [],
      createUsers = false,
      role = 'member',
      enforced = false,
      enabled = true,
    } = wanted;
    demandOwner(ctx);
    this.#demandPlace({ kind, issuer, directory });
    const id = newId();
    const clientSecret = this.#seal(ctx, id, wanted.clientSecret ?? null);
    const settings = { name, clientId, scopes, domains: spelled(domains), createUsers, role, enforced, enabled };
    return ctx.transaction(async (tx) => {
      await tx.query(`LOCK TABLE "@tenant".sign_in_providers IN SHARE ROW EXCLUSIVE MODE`);
      if ((await tx.repository(SignInProvider).count()) >= MOST) throw new TooManySignInProviders(MOST);
      await this.#demandRole(tx, role);
      const row = { id, key, kind, issuer, directory, ...settings, clientSecret };
      await tx
        .repository(SignInProvider)
        .insert(row)
        .catch((error: unknown) => {
          throw sqlState(error) === UNIQUE_VIOLATION ? new SignInProviderTaken(key) : error;
        });
      const after = { key, kind, issuer, directory, ...settings };
      await audit(tx, { action: 'sign_in_provider.created', target: targetOf(id), after });
      return this.get(tx, id);
    });
  }

  /** @throws SignInProviderMissing, StaleVersion, UnknownRole, NewcomerRoleRefused */
  async update(
    ctx: TenantContext,
    id: string,
    { clientSecret, ...changes }: ProviderChanges,
    expectedVersion?: number,
  ): Promise<SignInProvider> {
    demandOwner(ctx);
    return ctx.transaction(async (tx) => {
      const provider = await this.#lock(tx, id);
      demandVersion(provider, expectedVersion);
      // Also when others now come to have the role that somebody else has set.
      if (changes.role !== undefined || changes.createUsers) await this.#demandRole(tx, changes.role ?? provider.role);
      const domains = changes.domains && spelled(changes.domains);
      const secret = clientSecret === undefined ? undefined : this.#seal(tx, id, clientSecret);
      const fields = given({ ...changes, domains, clientSecret: secret });
      if (Object.keys(fields).length === 0) return provider;
      await tx.repository(SignInProvider).update({ id }, fields);
      const after = await this.get(tx, id);
      await audit(tx, {
        action: 'sign_in_provider.updated',
        target: targetOf(id),
        before: told(provider),
        after: told(after),
        details: { secretChanged: clientSecret !== undefined },
      });
      return after;
    });
  }

  /** Whoever signed in by it signs in otherwise from now on; sessions stay. @throws SignInProviderMissing */
  async remove(ctx: TenantContext, id: string): Promise<void> {
    demandOwner(ctx);
    await ctx.transaction(async (tx) => {
      const provider = await this.#lock(tx, id);
      await tx.repository(SignInProvider).delete({ id });
      await audit(tx, { action: 'sign_in_provider.deleted', target: targetOf(id), before: told(provider) });
    });
  }

  /** Those that people can use at this moment. */
  async listEnabled(ctx: TenantContext): Promise<ProviderSummary[]> {
    return (await this.list(ctx)).filter((provider) => provider.enabled);
  }

  /** An enabled one with all that it takes to ask it, its secret among it. @throws SignInProviderMissing */
  async getUsable(ctx: TenantContext, key: string): Promise<Provider> {
    const row = await ctx.repository(SignInProvider).findOneBy({ key, enabled: true });
    if (!row) throw new SignInProviderMissing();
    const { id, name, kind, version, clientId, domains, createUsers, role, enforced } = row;
    const clientSecret = row.clientSecret && this.#open(ctx, id, row.clientSecret);
    const [place, scopes] = [placeOf(row), scopesOf(kind, row.scopes)];
    return {
      id,
      key,
      name,
      kind,
      version,
      clientId,
      clientSecret,
      place,
      scopes,
      domains,
      createUsers,
      role,
      enforced,
    };
  }

  /**
   * Asked once the password was right, before a session is opened with it.
   *
   * @throws PasswordSignInRefused where a provider is enforced, unless the person is an owner: that is the way back when the
   *   provider is away or was set up wrongly
   */
  async demandPasswordAllowed(ctx: TenantContext, userId: string): Promise<void> {
    const names = await findEnforcedNames(ctx, userId);
    if (names.length === 0) return;
    const details = { reason: 'password_sign_in_refused' };
    await auditHourly(ctx, { action: 'sign_in.refused', target: { type: 'user', id: userId }, details }, 'enforced');
    throw new PasswordSignInRefused(names);
  }

  /** The same before there is an account: of somebody who is to have these roles. @throws PasswordSignInRefused */
  async demandPasswordsFor(ctx: TenantContext, roles: string[]): Promise<void> {
    const enforced = (await this.listEnabled(ctx)).filter((provider) => provider.enforced);
    if (enforced.length > 0 && !roles.includes('owner'))
      throw new PasswordSignInRefused(enforced.map(({ name }) => name));
  }

  #demandPlace(place: { kind: ProviderKind; issuer: string | null; directory: string | null }): void {
    const problems = placeProblems(place);
    if (problems.length > 0) throw new InvalidInput(problems);
    if (place.issuer === null) return;
    try {
      this.outgoing.demand(new URL(place.issuer));
    } catch (error) {
      if (error instanceof OutgoingRefused) throw new IssuerRefused(error.message);
      throw error;
    }
  }

  async #demandRole(tx: TenantContext, key: string): Promise<void> {
    const role = (await this.roles.list(tx)).find((each) => each.key === key);
    if (!role)
      throw new InvalidInput([{ pointer: '/role', code: 'unknown_role', message: `There is no role ${key}.` }]);
    const refusal = refusalOfRole(tx.actor, role);
    if (refusal !== null) throw new NewcomerRoleRefused(refusal);
  }

  async #lock(tx: TenantContext, id: string): Promise<SignInProvider> {
    const provider = await tx
      .repository(SignInProvider)
      .findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!provider) throw new SignInProviderMissing();
    return provider;
  }

  #seal(ctx: TenantContext, id: string, secret: string | null): string | null {
    return secret === null ? null : this.box.seal(secret, SEALED_CLIENT_SECRET.place(id, ctx.tenant.id));
  }

  /** One that came from another organisation with a copy of it does not open, and has to be entered again. */
  #open(ctx: TenantContext, id: string, sealed: string): string | null {
    try {
      return this.box.open(sealed, SEALED_CLIENT_SECRET.place(id, ctx.tenant.id));
    } catch {
      return null;
    }
  }
}

/** Whoever says who vouches for people can become anybody, an owner too: so nobody else may, whatever a role of theirs holds. */
function demandOwner({ actor }: TenantContext): void {
  if (actor.kind !== 'system' && !actor.roles.includes('owner')) throw new OwnersOnly();
}

function targetOf(id: string): { type: string; id: string } {
  return { type: 'sign_in_provider', id };
}

/** As addresses are compared. @throws InvalidInput for what is no domain */
function spelled(domains: string[]): string[] {
  const all = domains.map((domain) => canonicalDomain(domain.replace(/^@/, '')));
  const wrong = all.indexOf(null);
  if (wrong >= 0) {
    const message = 'This must be a domain such as example.com.';
    throw new InvalidInput([{ pointer: `/domains/${wrong}`, code: 'domain', message }]);
  }
  return [...new Set(all.map(String))];
}

/** Without the secret. */
function told(provider: SignInProvider): object {
  const { key, name, kind, clientId, scopes, domains, createUsers, role, enforced, enabled } = provider;
  return { key, name, kind, clientId, scopes, domains, createUsers, role, enforced, enabled };
}
