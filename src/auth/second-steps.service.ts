import { Injectable } from '@nestjs/common';
import type { Caller } from '../platform/access/caller.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import {
  ONE_TIME_PREFIX,
  TokenRefused,
  issueToken,
  readToken,
  redeemToken,
} from '../platform/tokens/one-time-tokens.ts';
import { SECOND_STEP_PURPOSE } from '../passwords/passwords.service.ts';
import { PasskeysService, type Challenge } from '../second-factors/passkeys.service.ts';
import { SecondFactorsService } from '../second-factors/second-factors.service.ts';
import { CodeRequired, PasskeyRequired } from './auth.errors.ts';
import type { SecondStep } from './auth.types.ts';

const LIFE_SECONDS = 300;

/** What is shown beside the password: a code, a recovery code, or a passkey. */
export type Proof =
  | { kind: 'totp'; code: string }
  | { kind: 'recovery_code'; code: string }
  | { kind: 'passkey'; challengeToken: string; response: object };

/** Sign-ins that a password has begun and a second factor finishes, within five minutes. */
@Injectable()
export class SecondSteps {
  constructor(
    private readonly factors: SecondFactorsService,
    private readonly passkeys: PasskeysService,
    private readonly contexts: TenantContexts,
  ) {}

  /** Null when the password is all that this person has. */
  async begin(ctx: TenantContext, userId: string, passwordProof: string): Promise<SecondStep | null> {
    const factors = await this.factors.listFactors(ctx, userId);
    if (factors.length === 0) return null;
    return {
      factors,
      mfaToken: await issueToken(ctx, {
        purpose: SECOND_STEP_PURPOSE,
        userId,
        data: { passwordProof },
        seconds: LIFE_SECONDS,
      }),
    };
  }

  async challenge(mfaToken: string, addressed: Tenant | null, caller: Caller): Promise<Challenge> {
    const { ctx, userId } = await this.#read(mfaToken, addressed, caller);
    return this.passkeys.beginSignIn(ctx, userId);
  }

  /** A proof that is refused leaves the step open, for a few more tries. @throws TokenRefused, WrongCode, PasskeyRefused, TooManyAttempts */
  async finish(
    mfaToken: string,
    proof: Proof,
    addressed: Tenant | null,
    caller: Caller,
  ): Promise<{ ctx: TenantContext; userId: string; passwordProof: string }> {
    const { ctx, userId, passwordProof } = await this.#read(mfaToken, addressed, caller);
    await this.#verify(ctx, userId, proof);
    await redeemToken(ctx, SECOND_STEP_PURPOSE, mfaToken);
    return { ctx, userId, passwordProof };
  }

  /** A sign-in without a password. */
  beginPasskey(ctx: TenantContext): Promise<Challenge> {
    return this.passkeys.beginSignIn(ctx);
  }

  /** A passkey alone. @returns whose it is. @throws PasskeyRefused, TokenRefused */
  verifyPasskey(ctx: TenantContext, challengeToken: string, response: object): Promise<string> {
    return this.passkeys.verifySignIn(ctx, challengeToken, response);
  }

  /** Beside the password, from those who have an authenticator app. @throws PasskeyRequired of those who have passkeys alone; WrongCode, TooManyAttempts */
  async demandCode(ctx: TenantContext, userId: string, code: string | undefined): Promise<void> {
    const { totpSince, passkeys } = await this.factors.find(ctx, userId);
    if (totpSince && code === undefined) throw new CodeRequired();
    if (totpSince) await this.factors.verifyCode(ctx, userId, code!);
    else if (passkeys > 0) throw new PasskeyRequired();
  }

  async #verify(ctx: TenantContext, userId: string, proof: Proof): Promise<void> {
    if (proof.kind === 'totp') await this.factors.verifyCode(ctx, userId, proof.code);
    else if (proof.kind === 'recovery_code') await this.factors.verifyRecoveryCode(ctx, userId, proof.code);
    else await this.passkeys.verifySignIn(ctx, proof.challengeToken, proof.response, userId);
  }

  async #read(
    mfaToken: string,
    addressed: Tenant | null,
    caller: Caller,
  ): Promise<{ ctx: TenantContext; userId: string; passwordProof: string }> {
    const ctx = await this.contexts.openBySecret(ONE_TIME_PREFIX, mfaToken, addressed, caller);
    if (!ctx) throw new TokenRefused();
    const { userId, data } = await readToken<{ passwordProof: string }>(ctx, SECOND_STEP_PURPOSE, mfaToken);
    return { ctx, userId: userId!, passwordProof: data.passwordProof };
  }
}
