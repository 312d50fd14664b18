import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import { TenantMismatch } from '../platform/tenancy/tenancy.errors.ts';
import { TenantDirectory, type Tenant } from '../platform/tenancy/tenant.types.ts';
import { SignInProvidersService } from '../sign-in-providers/sign-in-providers.service.ts';
import type { UserRow } from '../users/users.types.ts';
import { UsersService } from '../users/users.service.ts';
import { AccessTokens } from './access-tokens.service.ts';
import { ActorsService } from './actors.service.ts';
import { RefreshRefused, WrongCredentials } from './auth.errors.ts';
import { tenantOfRefreshToken } from './refresh-token.rules.ts';
import { SessionsService, type OpenSession } from './sessions.service.ts';

export interface SignedIn {
  user: UserRow;
  accessToken: string;
  refreshToken: string;
  /** Seconds. */
  expiresIn: number;
}

@Injectable()
export class AuthService {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly actors: ActorsService,
    private readonly tokens: AccessTokens,
    private readonly directory: TenantDirectory,
    private readonly contexts: TenantContexts,
    private readonly providers: SignInProvidersService,
  ) {}

  /** @throws WrongCredentials, the same for an unknown address, a wrong password and a deactivated account; PasswordSignInRefused */
  async login(ctx: TenantContext, email: string, password: string, caller: Caller): Promise<SignedIn> {
    const userId = await this.users.findByPassword(ctx, email, password);
    if (userId === null) throw new WrongCredentials();
    await this.providers.demandPasswordAllowed(ctx, userId);
    return this.signIn(ctx, userId, caller);
  }

  /** Opens a session for somebody who has proved who they are. */
  async signIn(ctx: TenantContext, userId: string, caller: Caller): Promise<SignedIn> {
    const session = await ctx.transaction(async (tx) => {
      await this.users.recordLogin(tx, userId);
      return this.sessions.open(tx, userId, caller);
    });
    return this.#answer(ctx, session);
  }

  /**
   * @param addressed the tenant that the request names beside the token, if any
   * @throws RefreshRefused, TenantMismatch
   */
  async refresh(refreshToken: string, addressed: Tenant | null, caller: Caller): Promise<SignedIn> {
    const ctx = await this.#contextOf(refreshToken, addressed, caller);
    if (!ctx) throw new RefreshRefused();
    return this.#answer(ctx, await this.sessions.refresh(ctx, refreshToken));
  }

  async logout(refreshToken: string, addressed: Tenant | null, caller: Caller): Promise<void> {
    const ctx = await this.#contextOf(refreshToken, addressed, caller);
    if (ctx) await this.sessions.closeByToken(ctx, refreshToken);
  }

  async #answer(ctx: TenantContext, { userId, sessionId, refreshToken }: OpenSession): Promise<SignedIn> {
    const actor = await this.actors.load(ctx, userId, sessionId);
    if (!actor) throw new RefreshRefused();
    const [user, access] = await Promise.all([this.users.get(ctx, userId), this.tokens.sign(ctx.tenant, actor)]);
    return { user, refreshToken, ...access };
  }

  /** Null when the token names a tenant that does not exist. */
  async #contextOf(refreshToken: string, addressed: Tenant | null, caller: Caller): Promise<TenantContext | null> {
    const tenantId = tenantOfRefreshToken(refreshToken);
    if (tenantId === null) throw new RefreshRefused();
    // Before the look-up: anybody can write an id into a token, and must not learn from the answer whether it is a tenant's.
    if (addressed && addressed.id !== tenantId) throw new TenantMismatch();
    const tenant = await this.directory.findById(tenantId);
    if (!tenant || tenant.status === 'deleted') return null;
    return this.contexts.open(await this.contexts.admit(tenant), undefined, caller);
  }
}
