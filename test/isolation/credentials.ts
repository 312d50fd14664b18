import { randomBytes } from 'node:crypto';
import { ANONYMOUS } from '../../src/platform/access/actor.ts';
import { internalCaller } from '../../src/platform/access/caller.ts';
import { newEnrolment } from '../../src/platform/crypto/one-time-codes.ts';
import { SecretBox } from '../../src/platform/crypto/secret-box.ts';
import type { Tenant } from '../../src/platform/tenancy/tenant.types.ts';
import { TenantContexts } from '../../src/platform/tenancy/tenant-contexts.ts';
import { proofOf } from '../../src/passwords/passwords.service.ts';
import { issueToken } from '../../src/platform/tokens/one-time-tokens.ts';
import { AccessTokens } from '../../src/auth/access-tokens.service.ts';
import { SEALED_TOTP } from '../../src/second-factors/second-factors.types.ts';
import { hashRecoveryCode, newRecoveryCodes } from '../../src/second-factors/recovery-code.rules.ts';
import { ActorsService } from '../../src/sessions/actors.service.ts';
import { SessionsService } from '../../src/sessions/sessions.service.ts';
import { Authenticator } from '../support/authenticator.ts';
import type { TestApp } from '../support/app.ts';
import { Client, expectStatus } from '../support/client.ts';
import { codeOf } from '../support/operator.ts';
import type { Person } from '../support/tenant.ts';

const RP = 'localhost';
const SHORT_SECONDS = 3_600;

/** What the browser is asked to sign, and the token with which the answer comes back. */
interface Asked {
  challenge: string;
  challengeToken: string;
}

/**
 * With what the people of a tenant sign in. Made past the API where that would take a mail, a phone or the time of a
 * password: what is tried with it goes through the API.
 */
export class Credentials {
  readonly authenticator = new Authenticator();
  readonly #secret = newEnrolment('ProjectFlow', 'somebody').secret;

  constructor(
    readonly app: TestApp,
    readonly record: Tenant,
    readonly owner: Person,
    /** With an authenticator app, a passkey and recovery codes. */
    readonly guarded: { id: string },
    readonly canary: string,
  ) {}

  /** Lets `guarded` set up what they have, and gives the owner a passkey to look at. */
  async furnish(): Promise<void> {
    const { accessToken } = await this.session(this.guarded.id);
    const guarded = new Client(this.app.url, { authorization: `Bearer ${accessToken}` });
    const { challengeToken, options } = expectStatus(
      await guarded.post('/auth/passkeys/registration-options'),
      200,
    ).data;
    const response = this.authenticator.create(options);
    expectStatus(await guarded.post('/auth/passkeys', { challengeToken, name: this.canary, response }), 201);
    await this.totp(this.guarded.id, { confirmed: true });
  }

  /** The owner’s own session as if they had signed in just now, whatever a probe has done to it. */
  async renew(): Promise<void> {
    const { sub, sid } = claimsOf(this.owner.accessToken);
    await this.sql('UPDATE "@".sessions SET revoked_at = NULL, authenticated_at = now() WHERE id = $1', sid);
    await this.app.nest.get(ActorsService).forget(await this.#context(), sub!);
  }

  /** One more sign-in of somebody. */
  async session(userId: string): Promise<{ id: string; accessToken: string; refreshToken: string }> {
    // The newest of many are enough.
    await this.sql(
      `DELETE FROM "@".sessions WHERE user_id = $1 AND id <> $2
         AND id NOT IN (SELECT id FROM "@".sessions WHERE user_id = $1 ORDER BY id DESC LIMIT 30)`,
      userId,
      claimsOf(this.owner.accessToken).sid,
    );
    const ctx = await this.#context();
    const sessions = this.app.nest.get(SessionsService);
    const { sessionId, refreshToken } = await sessions.open(ctx, userId, internalCaller(), 'password');
    const { accessToken } = await this.app.nest
      .get(AccessTokens)
      .sign(this.record, { ...ANONYMOUS, userId, sessionId });
    return { id: sessionId, accessToken, refreshToken };
  }

  /** As a mail would bring it. */
  async oneTime(purpose: string, userId?: string, data: object = {}): Promise<string> {
    return issueToken(await this.#context(), { purpose, userId, data, seconds: SHORT_SECONDS });
  }

  /** What `guarded` is asked for after the password. */
  async secondStep(): Promise<string> {
    const hash = 'what became of a password';
    await this.sql(
      `INSERT INTO "@".credentials (user_id, type, id, secret) VALUES ($1, 'password', $1, $2) ON CONFLICT DO NOTHING`,
      this.guarded.id,
      hash,
    );
    return this.oneTime('second-step', this.guarded.id, { passwordProof: proofOf(hash) });
  }

  async challenge(purpose: 'passkey-registration' | 'passkey-sign-in', userId?: string): Promise<Asked> {
    const challenge = randomBytes(32).toString('base64url');
    return { challenge, challengeToken: await this.oneTime(purpose, userId, { challenge }) };
  }

  /** A new passkey of the owner, as their browser makes it. */
  async newPasskey(): Promise<{ challengeToken: string; response: object }> {
    const { challenge, challengeToken } = await this.challenge('passkey-registration', this.owner.id);
    return { challengeToken, response: new Authenticator().create({ challenge, rp: { id: RP } }) };
  }

  /** The passkey of `guarded`, shown for this. @param userId whose sign-in is to be finished, if a password has begun it */
  async shownPasskey(userId?: string): Promise<{ challengeToken: string; response: object }> {
    const { challenge, challengeToken } = await this.challenge('passkey-sign-in', userId);
    return { challengeToken, response: this.authenticator.get({ challenge, rpId: RP }) };
  }

  /** One of the owner’s, to be renamed or removed. */
  async passkey(): Promise<{ id: string }> {
    await this.sql(
      `DELETE FROM "@".credentials WHERE user_id = $1 AND type = 'passkey' AND id NOT IN (
         SELECT id FROM "@".credentials WHERE user_id = $1 AND type = 'passkey' ORDER BY created_at DESC LIMIT 12)`,
      this.owner.id,
    );
    const rows = await this.sql<{ id: string }>(
      `INSERT INTO "@".credentials (user_id, type, id, key, data)
       VALUES ($1, 'passkey', gen_random_uuid(), $2,
               jsonb_build_object('publicKey', '', 'counter', 0, 'transports', '[]'::jsonb, 'name', $3::text)) RETURNING id`,
      this.owner.id,
      randomBytes(16).toString('base64url'),
      this.canary,
    );
    return rows[0]!;
  }

  /** An authenticator app that shows a code which was not taken yet. */
  async totp(userId: string, { confirmed }: { confirmed: boolean }): Promise<string> {
    await this.sql(
      `INSERT INTO "@".credentials (user_id, type, id, secret, data, confirmed_at)
       VALUES ($1, 'totp', $1, $2, '{"lastStep": 0}', CASE WHEN $3 THEN now() END)
       ON CONFLICT (user_id, type, id) DO UPDATE SET confirmed_at = excluded.confirmed_at, data = excluded.data`,
      userId,
      this.app.nest.get(SecretBox).seal(this.#secret, SEALED_TOTP.place(userId)),
      confirmed,
    );
    await this.forgiveFailures();
    return codeOf(this.#secret);
  }

  /** As if no sign-in had failed here. */
  async forgiveFailures(): Promise<void> {
    await this.app.owner.query('DELETE FROM platform.failed_sign_ins WHERE tenant_schema = $1', [
      this.record.binding.schema,
    ]);
  }

  async recoveryCode(): Promise<string> {
    const [code] = newRecoveryCodes();
    const sql = `INSERT INTO "@".credentials (user_id, type, id, key) VALUES ($1, 'recovery_code', gen_random_uuid(), $2)`;
    await this.sql(sql, this.guarded.id, hashRecoveryCode(code!));
    await this.forgiveFailures();
    return code!;
  }

  /** So that the owner’s password is all that a sign-in takes. */
  async passwordAlone(): Promise<void> {
    const sql = `DELETE FROM "@".credentials WHERE user_id = $1 AND type IN ('totp', 'passkey', 'recovery_code')`;
    await this.sql(sql, this.owner.id);
  }

  /** The owner wants this address, and has confirmed neither. */
  async emailChange(email: string): Promise<void> {
    await this.sql(
      `INSERT INTO "@".tokens (hash, purpose, user_id, data, expires_at)
       VALUES (sha256($1), 'pending-email-change', $2, $3, now() + interval '1 hour')
       ON CONFLICT (hash) DO UPDATE SET data = excluded.data`,
      `pending-email-change ${this.owner.id}`,
      this.owner.id,
      { email, oldConfirmed: false, newConfirmed: false },
    );
  }

  /** @param text with `"@"` for the tenant's schema */
  async sql<Row extends object>(text: string, ...values: unknown[]): Promise<Row[]> {
    const statement = text.replaceAll('"@"', `"${this.record.binding.schema}"`);
    return (await this.app.owner.query<Row>(statement, values)).rows;
  }

  #context() {
    return this.app.nest.get(TenantContexts).open(this.record);
  }
}

export function claimsOf(token: string): Record<string, string | undefined> {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, string | undefined>;
}
