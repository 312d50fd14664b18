import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller.ts';
import { audit } from '../platform/audit/audit.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { PasswordsService, proofOf } from '../passwords/passwords.service.ts';
import { SignInProvidersService } from '../sign-in-providers/sign-in-providers.service.ts';
import { UsersService } from '../users/users.service.ts';
import { AccessTokens } from './access-tokens.service.ts';
import { ActorsService } from '../sessions/actors.service.ts';
import { SessionsService } from '../sessions/sessions.service.ts';
import type { OpenSession, SignInMethod } from '../sessions/sessions.types.ts';
import { Unauthenticated } from '../platform/access/access.errors.ts';
import { AccountInactive } from './auth.errors.ts';
import type { SecondStep, SignedIn } from './auth.types.ts';
import { SecondSteps, type Proof } from './second-steps.service.ts';

@Injectable()
export class AuthService {
  constructor(
    private readonly passwords: PasswordsService,
    private readonly secondSteps: SecondSteps,
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly actors: ActorsService,
    private readonly tokens: AccessTokens,
    private readonly providers: SignInProvidersService,
  ) {}

  /** @throws WrongCredentials, the same for an unknown address, a wrong password and a deactivated account; TooManyAttempts, PasswordSignInRefused */
  async login(ctx: TenantContext, email: string, password: string, caller: Caller): Promise<SignedIn | SecondStep> {
    const account = await this.passwords.verify(ctx, email, password);
    await this.providers.demandPasswordAllowed(ctx, account.id);
    const proof = proofOf(account.hash!);
    const step = await this.secondSteps.begin(ctx, account.id, proof);
    return step ?? this.#signIn(ctx, account.id, caller, 'password', proof);
  }

  /** @throws TokenRefused, WrongCode, PasskeyRefused, TooManyAttempts */
  async finishLogin(mfaToken: string, proof: Proof, addressed: Tenant | null, caller: Caller): Promise<SignedIn> {
    const { ctx, userId, passwordProof } = await this.secondSteps.finish(mfaToken, proof, addressed, caller);
    return this.#signIn(ctx, userId, caller, 'password', passwordProof);
  }

  /** Without a password: a passkey is possession and person in one. @throws PasskeyRefused, TokenRefused */
  async loginByPasskey(
    ctx: TenantContext,
    challengeToken: string,
    response: object,
    caller: Caller,
  ): Promise<SignedIn> {
    const userId = await this.secondSteps.verifyPasskey(ctx, challengeToken, response);
    // Where only providers sign people in, they also decide who no longer is.
    await this.providers.demandPasswordAllowed(ctx, userId);
    return this.signIn(ctx, userId, caller, 'passkey');
  }

  /** Somebody who is signed in proves again who they are, before something that could lock them out. @throws PasswordWrong, WrongCode */
  async reauthenticate(ctx: TenantContext, password: string, code: string | undefined): Promise<void> {
    const userId = ctx.actor.userId!;
    await this.passwords.demandOwn(ctx, userId, password, '/password');
    await this.secondSteps.demandCode(ctx, userId, code);
    await this.sessions.refreshProof(ctx, ctx.actor.sessionId!);
  }

  /** Before somebody joins by password who is to have these roles. @throws PasswordSignInRefused where a provider signs people in */
  demandPasswordsFor(ctx: TenantContext, roles: string[]): Promise<void> {
    return this.providers.demandPasswordsFor(ctx, roles);
  }

  /** Somebody who has just joined with a password. @throws PasswordSignInRefused where a provider signs people in */
  async signInNewcomer(ctx: TenantContext, userId: string, caller: Caller): Promise<SignedIn> {
    await this.providers.demandPasswordAllowed(ctx, userId);
    return this.signIn(ctx, userId, caller, 'invitation');
  }

  /** Opens a session for somebody who has proved who they are. @throws AccountInactive */
  signIn(ctx: TenantContext, userId: string, caller: Caller, method: SignInMethod): Promise<SignedIn> {
    return this.#signIn(ctx, userId, caller, method, null);
  }

  /** @param proof of the password that began it, which must still be the one; null where none did */
  async #signIn(
    ctx: TenantContext,
    userId: string,
    caller: Caller,
    method: SignInMethod,
    proof: string | null,
  ): Promise<SignedIn> {
    const session = await ctx.transaction(async (tx) => {
      if (proof !== null) await this.passwords.demandUnchanged(tx, userId, proof);
      if (!(await this.users.holdActive(tx, userId))) throw new AccountInactive();
      await this.users.recordLogin(tx, userId);
      await audit(tx, { action: 'sign_in.done', target: { type: 'user', id: userId }, details: { method } });
      return this.sessions.open(tx, userId, caller, method);
    });
    return this.#answer(ctx, session);
  }

  /**
   * @param addressed the tenant that the request names beside the token, if any
   * @throws RefreshRefused, TenantMismatch
   */
  async refresh(refreshToken: string, addressed: Tenant | null, caller: Caller): Promise<SignedIn> {
    const { ctx, session } = await this.sessions.refresh(refreshToken, addressed, caller);
    return this.#answer(ctx, session);
  }

  async logout(refreshToken: string, addressed: Tenant | null, caller: Caller): Promise<void> {
    await this.sessions.closeByToken(refreshToken, addressed, caller);
  }

  async #answer(ctx: TenantContext, { userId, sessionId, refreshToken }: OpenSession): Promise<SignedIn> {
    const actor = await this.actors.load(ctx, userId, sessionId);
    if (!actor) throw new Unauthenticated('The session has ended. Sign in again.');
    const [user, access] = await Promise.all([this.users.get(ctx, userId), this.tokens.sign(ctx.tenant, actor)]);
    return { user, refreshToken, ...access };
  }
}
