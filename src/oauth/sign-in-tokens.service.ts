import { Injectable } from '@nestjs/common';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { removeExpiredTokens } from '../platform/tokens/expired-tokens.ts';
import { hashSecret } from '../platform/tokens/tenant-secret.ts';
import { Token } from '../platform/tokens/token.entity.ts';
import type { Checks } from './provider-clients.service.ts';

/** Somebody has been sent to a provider and is expected back, once: found by the state, from which the rest that must stay secret is derived. */
const ATTEMPT = 'sign-in-attempt';
/** Somebody has come back from a provider; the application may exchange this once for their tokens. */
const CODE = 'sign-in-code';

export interface SignInAttempt {
  providerId: string;
  /** Of what the browser keeps in a cookie. */
  browserHash: Buffer;
  returnTo: string;
  redirectUri: string;
  /** Of the application that asked for it, if it is one that proves itself at the exchange. */
  codeChallenge: string | null;
}

export interface SignInCode {
  providerId: string;
  userId: string;
  codeChallenge: string | null;
}

type AttemptData = Pick<SignInAttempt, 'returnTo' | 'redirectUri' | 'codeChallenge'> & { browserHash: string };
type CodeData = Pick<SignInCode, 'codeChallenge'>;

/** What stands between the steps of a sign-in at a provider: an attempt, and the code at its end. */
@Injectable()
export class SignInTokens {
  constructor(private readonly box: SecretBox) {}

  /** Derived from the state, so that nothing is stored that would be worth reading. */
  checksOf(state: string): Checks {
    return {
      state,
      nonce: this.box.derive('sign-in nonce', state).toString('base64url'),
      codeVerifier: this.box.derive('sign-in verifier', state).toString('base64url'),
    };
  }

  async keepAttempt(
    ctx: TenantContext,
    state: string,
    { providerId, browserHash, ...attempt }: SignInAttempt,
    expiresAt: Date,
  ): Promise<void> {
    const data: AttemptData = { ...attempt, browserHash: browserHash.toString('base64url') };
    await ctx.transaction(async (tx) => {
      await removeExpiredTokens(tx);
      await tx.repository(Token).insert({ hash: hashSecret(state), purpose: ATTEMPT, providerId, data, expiresAt });
    });
  }

  /** The attempt with this state, which is over by that; null when there is none in time. */
  async takeAttempt(ctx: TenantContext, state: string): Promise<SignInAttempt | null> {
    const token = await this.#take(ctx, ATTEMPT, state);
    if (!token) return null;
    const { browserHash, ...attempt } = token.data as AttemptData;
    return { ...attempt, providerId: token.providerId!, browserHash: Buffer.from(browserHash, 'base64url') };
  }

  async keepCode(
    ctx: TenantContext,
    code: string,
    { providerId, userId, codeChallenge }: SignInCode,
    expiresAt: Date,
  ): Promise<void> {
    const data: CodeData = { codeChallenge };
    await ctx.repository(Token).insert({ hash: hashSecret(code), purpose: CODE, providerId, userId, data, expiresAt });
  }

  /** What was signed in with this code, which is used up by that; null when there is none in time. */
  async takeCode(ctx: TenantContext, code: string): Promise<SignInCode | null> {
    const token = await this.#take(ctx, CODE, code);
    return token && { ...(token.data as CodeData), providerId: token.providerId!, userId: token.userId! };
  }

  async #take(ctx: TenantContext, purpose: string, text: string): Promise<Token | null> {
    return ctx.transaction(async (tx) => {
      const where = { hash: hashSecret(text), purpose };
      const token = await tx.repository(Token).findOne({ where, lock: { mode: 'pessimistic_write' } });
      if (token) await tx.repository(Token).delete(where);
      return token && token.expiresAt > new Date() ? token : null;
    });
  }
}
