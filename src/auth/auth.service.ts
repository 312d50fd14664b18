import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller.ts';
import { audit } from '../platform/audit/audit.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { PasswordsService } from '../passwords/passwords.service.ts';
import type { UserRow } from '../users/users.types.ts';
import { UsersService } from '../users/users.service.ts';
import { AccessTokens } from './access-tokens.service.ts';
import { ActorsService } from './actors.service.ts';
import { RefreshRefused } from './auth.errors.ts';
import { REFRESH_PREFIX, SessionsService, type OpenSession } from './sessions.service.ts';

export interface SignedIn {
  user: UserRow;
  accessToken: string;
  refreshToken: string;
  /** Seconds. */
  expiresIn: number;
}

/** How somebody proved who they are. */
export type SignInMethod = 'password' | 'passkey' | 'sign-in provider' | 'invitation' | 'sign-up';

@Injectable()
export class AuthService {
  constructor(
    private readonly passwords: PasswordsService,
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly actors: ActorsService,
    private readonly tokens: AccessTokens,
    private readonly contexts: TenantContexts,
  ) {}

  /** @throws WrongCredentials, the same for an unknown address, a wrong password and a deactivated account; TooManyAttempts */
  async login(ctx: TenantContext, email: string, password: string, caller: Caller): Promise<SignedIn> {
    const account = await this.passwords.verify(ctx, email, password);
    return this.signIn(ctx, account.id, caller);
  }

  /** Opens a session for somebody who has proved who they are. */
  async signIn(
    ctx: TenantContext,
    userId: string,
    caller: Caller,
    method: SignInMethod = 'password',
  ): Promise<SignedIn> {
    const session = await ctx.transaction(async (tx) => {
      await this.users.recordLogin(tx, userId);
      await audit(tx, { action: 'sign-in.done', target: { type: 'user', id: userId }, details: { method } });
      return this.sessions.open(tx, userId, caller);
    });
    return this.#answer(ctx, session);
  }

  /**
   * @param addressed the tenant that the request names beside the token, if any
   * @throws RefreshRefused, TenantMismatch
   */
  async refresh(refreshToken: string, addressed: Tenant | null, caller: Caller): Promise<SignedIn> {
    const ctx = await this.contexts.openBySecret(REFRESH_PREFIX, refreshToken, addressed, caller);
    if (!ctx) throw new RefreshRefused();
    return this.#answer(ctx, await this.sessions.refresh(ctx, refreshToken));
  }

  async logout(refreshToken: string, addressed: Tenant | null, caller: Caller): Promise<void> {
    const ctx = await this.contexts.openBySecret(REFRESH_PREFIX, refreshToken, addressed, caller);
    if (ctx) await this.sessions.closeByToken(ctx, refreshToken);
  }

  async #answer(ctx: TenantContext, { userId, sessionId, refreshToken }: OpenSession): Promise<SignedIn> {
    const actor = await this.actors.load(ctx, userId, sessionId);
    if (!actor) throw new RefreshRefused();
    const [user, access] = await Promise.all([this.users.get(ctx, userId), this.tokens.sign(ctx.tenant, actor)]);
    return { user, refreshToken, ...access };
  }
}
