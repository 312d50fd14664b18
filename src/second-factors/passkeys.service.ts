import { Inject, Injectable } from '@nestjs/common';
import type { AuthenticationResponseJSON, RegistrationResponseJSON, WebAuthnCredential } from '@simplewebauthn/server';
import { v7 as newId } from 'uuid';
import { audit } from '../platform/audit/audit.ts';
import { auditHourly } from '../platform/audit/hourly.ts';
import { kept } from '../platform/cache/kept.ts';
import { Credential } from '../platform/credentials/credential.entity.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import { ActorsChanged } from '../platform/events/actors-changed.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { issueToken, redeemToken } from '../platform/tokens/one-time-tokens.ts';
import { PasskeyMissing, PasskeyRefused, TooManyPasskeys } from './second-factors.errors.ts';
import { PASSKEY, findPerson, listPasskeys, lockPasskey } from './second-factors.queries.ts';
import { SecondFactorsService } from './second-factors.service.ts';
import type { Passkey } from './second-factors.types.ts';

/** Loaded when the first passkey is asked for: a tenth of a second that no start has to wait for. */
const webauthn = kept(() => import('@simplewebauthn/server'));

const REGISTRATION = 'passkey-registration';
const SIGN_IN = 'passkey-sign-in';
const CHALLENGE_SECONDS = 300;
const MOST = 20;
/** Web Authentication, 5.8.3: 1,023 bytes, here in base64url. */
const LONGEST_ID = 1_364;
/** Bytes; an RSA key of 8,192 bits takes half of it. */
const LONGEST_KEY = 2_000;
const TRANSPORT = /^[a-z-]{1,20}$/;
const MOST_TRANSPORTS = 10;

/** What the browser is asked to do, and the token with which its answer comes back. */
export interface Challenge {
  challengeToken: string;
  /** For navigator.credentials, as @simplewebauthn/browser takes it. */
  options: object;
}

/** Passkeys (WebAuthn), with user verification: possession and a PIN, finger or face in one. */
@Injectable()
export class PasskeysService {
  constructor(
    private readonly factors: SecondFactorsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  list(ctx: TenantContext): Promise<Passkey[]> {
    return listPasskeys(ctx, ctx.actor.userId!);
  }

  /** @throws TooManyPasskeys */
  async beginRegistration(ctx: TenantContext): Promise<Challenge> {
    const userId = ctx.actor.userId!;
    const existing = await this.list(ctx);
    if (existing.length >= MOST) throw new TooManyPasskeys(MOST);
    const { email, name } = (await findPerson(ctx, userId))!;
    const { generateRegistrationOptions } = await webauthn();
    const options = await generateRegistrationOptions({
      rpName: `ProjectFlow ${ctx.tenant.name}`,
      rpID: this.#domain,
      userName: email,
      userDisplayName: name,
      userID: new Uint8Array(Buffer.from(userId.replaceAll('-', ''), 'hex')),
      excludeCredentials: existing.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      timeout: CHALLENGE_SECONDS * 1_000,
    });
    const { challenge } = options;
    const data = { challenge };
    return {
      options,
      challengeToken: await issueToken(ctx, { purpose: REGISTRATION, userId, data, seconds: CHALLENGE_SECONDS }),
    };
  }

  /** @returns the passkey, and recovery codes when it is the first second factor. @throws PasskeyRefused, TokenRefused */
  async register(
    ctx: TenantContext,
    { challengeToken, name, response }: { challengeToken: string; name: string; response: object },
  ): Promise<{ passkey: Passkey; recoveryCodes: string[] }> {
    const userId = ctx.actor.userId!;
    const { verifyRegistrationResponse } = await webauthn();
    return ctx.transaction(async (tx) => {
      const challenge = await this.#challenge(tx, REGISTRATION, challengeToken, userId);
      const { verified, registrationInfo } = await refused(
        verifyRegistrationResponse({
          response: response as RegistrationResponseJSON,
          expectedChallenge: challenge,
          expectedOrigin: this.config.ALLOWED_ORIGINS,
          expectedRPID: this.#domain,
        }),
      );
      if (!verified) throw new PasskeyRefused();
      const first = (await this.factors.listFactors(tx, userId)).length === 0;
      const passkey = await this.#keep(tx, userId, name, registrationInfo.credential);
      tx.announce(new ActorsChanged(userId));
      await audit(tx, {
        action: 'second_factor.added',
        target: { type: 'user', id: userId },
        details: { factor: 'passkey', name },
      });
      const recoveryCodes = first ? await this.factors.renewRecoveryCodes(tx, userId) : [];
      return { passkey, recoveryCodes };
    });
  }

  /** @throws PasskeyMissing */
  async rename(ctx: TenantContext, id: string, name: string): Promise<Passkey> {
    const rows = await ctx.query<Passkey>(
      `WITH renamed AS (UPDATE "@tenant".credentials SET data = data || jsonb_build_object('name', $3::text)
                         WHERE user_id = $1 AND type = 'passkey' AND id = $2 RETURNING *)
       SELECT ${PASSKEY} FROM renamed`,
      [ctx.actor.userId!, id, name],
    );
    if (!rows[0]) throw new PasskeyMissing();
    return rows[0];
  }

  /** @throws PasskeyMissing, PasswordTooShort */
  async remove(ctx: TenantContext, id: string): Promise<void> {
    const userId = ctx.actor.userId!;
    await ctx.transaction(async (tx) => {
      const { affected } = await tx.repository(Credential).delete({ userId, type: 'passkey', id });
      if (!affected) throw new PasskeyMissing();
      await this.factors.afterRemoval(tx, userId);
      await audit(tx, {
        action: 'second_factor.removed',
        target: { type: 'user', id: userId },
        details: { factor: 'passkey' },
      });
    });
  }

  /** @param userId whose sign-in is to be finished; without one the browser offers whatever passkeys it has */
  async beginSignIn(ctx: TenantContext, userId?: string): Promise<Challenge> {
    const known = userId === undefined ? [] : await listPasskeys(ctx, userId);
    const { generateAuthenticationOptions } = await webauthn();
    const options = await generateAuthenticationOptions({
      rpID: this.#domain,
      allowCredentials: known.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
      userVerification: 'required',
      timeout: CHALLENGE_SECONDS * 1_000,
    });
    const data = { challenge: options.challenge };
    return {
      options,
      challengeToken: await issueToken(ctx, { purpose: SIGN_IN, userId, data, seconds: CHALLENGE_SECONDS }),
    };
  }

  /** @returns whose passkey it is. @throws PasskeyRefused, TokenRefused */
  async verifySignIn(ctx: TenantContext, challengeToken: string, response: object, userId?: string): Promise<string> {
    return this.#verifySignIn(ctx, challengeToken, response, userId).catch(async (error: unknown) => {
      const target = userId === undefined ? undefined : { type: 'user', id: userId };
      // Outside the transaction, which is rolled back.
      if (error instanceof PasskeyRefused)
        await auditHourly(ctx, { action: 'second_factor.refused', target, details: { factor: 'passkey' } }, 'passkey');
      throw error;
    });
  }

  async #verifySignIn(
    ctx: TenantContext,
    challengeToken: string,
    response: object,
    userId: string | undefined,
  ): Promise<string> {
    // Used up whatever comes of it: a challenge is answered once.
    const challenge = await this.#challenge(ctx, SIGN_IN, challengeToken, userId ?? null);
    const answer = response as AuthenticationResponseJSON;
    const { verifyAuthenticationResponse } = await webauthn();
    return ctx.transaction(async (tx) => {
      const passkey = typeof answer.id === 'string' ? await lockPasskey(tx, answer.id) : null;
      if (!passkey || (userId !== undefined && passkey.userId !== userId)) throw new PasskeyRefused();
      const { verified, authenticationInfo } = await refused(
        verifyAuthenticationResponse({
          response: answer,
          expectedChallenge: challenge,
          expectedOrigin: this.config.ALLOWED_ORIGINS,
          expectedRPID: this.#domain,
          credential: {
            id: passkey.credentialId,
            publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
            counter: passkey.counter,
          },
        }),
      );
      if (!verified) throw new PasskeyRefused();
      await tx.query(
        `UPDATE "@tenant".credentials SET data = data || jsonb_build_object('counter', $3::bigint), used_at = now()
          WHERE user_id = $1 AND type = 'passkey' AND id = $2`,
        [passkey.userId, passkey.id, authenticationInfo.newCounter],
      );
      return passkey.userId;
    });
  }

  /** @throws PasskeyRefused for one that is kept already, and for one that is larger than any that the standard allows */
  async #keep(
    tx: TenantContext,
    userId: string,
    name: string,
    { id: credentialId, publicKey, counter, transports = [] }: WebAuthnCredential,
  ): Promise<Passkey> {
    if (credentialId.length > LONGEST_ID || publicKey.length > LONGEST_KEY) throw new PasskeyRefused();
    const data: Pick<Passkey, 'publicKey' | 'counter' | 'transports' | 'name'> = {
      publicKey: Buffer.from(publicKey).toString('base64url'),
      counter,
      transports: knownTransports(transports),
      name,
    };
    const rows = await tx.query<Passkey>(
      `WITH kept AS (INSERT INTO "@tenant".credentials (user_id, type, id, key, data) VALUES ($1, 'passkey', $2, $3, $4)
                     ON CONFLICT DO NOTHING RETURNING *)
       SELECT ${PASSKEY} FROM kept`,
      [userId, newId(), credentialId, data],
    );
    if (!rows[0]) throw new PasskeyRefused();
    return rows[0];
  }

  async #challenge(ctx: TenantContext, purpose: string, token: string, userId: string | null): Promise<string> {
    const issued = await redeemToken<{ challenge: string }>(ctx, purpose, token);
    if (issued.userId !== userId) throw new PasskeyRefused();
    return issued.data.challenge;
  }

  /** Browsers let a page use passkeys of its own domain and of those above it. */
  get #domain(): string {
    return this.config.PASSKEY_DOMAIN ?? this.config.BASE_DOMAIN;
  }
}

/** What browsers may say later is kept as well; it is not signed, and may be anything. */
function knownTransports(said: readonly unknown[]): string[] {
  const words = said.filter((each): each is string => typeof each === 'string' && TRANSPORT.test(each));
  return [...new Set(words)].slice(0, MOST_TRANSPORTS);
}

/** The library throws for whatever does not fit; nothing of it is ours to explain. */
async function refused<T>(verification: Promise<T>): Promise<T> {
  try {
    return await verification;
  } catch {
    throw new PasskeyRefused();
  }
}
