import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { audit } from '../platform/audit/audit.ts';
import { auditHourly } from '../platform/audit/hourly.ts';
import { Credential } from '../platform/credentials/credential.entity.ts';
import { PasswordHasher, normalizedPassword } from '../platform/crypto/password-hasher.ts';
import { ActionLimits } from '../platform/limits/action-limits.ts';
import { addressKey } from '../platform/mail/canonical-address.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { revokeAllTokens, revokeTokens } from '../platform/tokens/one-time-tokens.ts';
import { PasswordGuesses } from './password-guesses.service.ts';
import { isShort, weaknessOf } from './password.rules.ts';
import { PasswordTooShort, PasswordWrong, WeakPassword, WrongCredentials } from './passwords.errors.ts';
import { PasswordChanged } from './passwords.events.ts';
import { findAccount, findAccountById, hasSecondFactor, type Account } from './passwords.queries.ts';
import { SignInAttempts } from './sign-in-attempts.service.ts';

/** What one-time tokens are for that a password, or its address, makes worthless when it changes. */
export const RESET_PURPOSE = 'password-reset';
export const SECOND_STEP_PURPOSE = 'second-step';

/** NIST SP 800-63B-4, 3.2.2: after so many failures in a row a password is not taken any more until it is reset. */
const MOST_FAILURES = 100;

/** What is kept beside the hash. */
interface PasswordData {
  /** Long enough only beside a second factor. */
  short: boolean;
}

/** A new password that was found good, and hashed. */
export interface Change {
  hash: string;
  /** Long enough only beside a second factor. */
  short: boolean;
}

@Injectable()
export class PasswordsService {
  constructor(
    private readonly hasher: PasswordHasher,
    private readonly attempts: SignInAttempts,
    private readonly guesses: PasswordGuesses,
    private readonly limits: ActionLimits,
  ) {}

  /**
   * The account with this address and password. For an address that does not exist the same work is done, and the same
   * is said.
   *
   * @throws WrongCredentials, TooManyAttempts, RateLimited, HashingBusy
   */
  async verify(ctx: TenantContext, email: string, password: string): Promise<Account> {
    const account = await findAccount(ctx, email);
    const key = accountKey(account, email);
    // A new password, or an admin's word, begins anew.
    const counted = `${key} ${account?.since ?? ''}`;
    await this.limits.demandSignIn(ctx, counted);
    const failures = await this.attempts.begin(ctx, key);
    const right = await this.hasher.verify(password, account?.hash ?? null);
    if (account && right && account.active && !account.disabled) {
      await this.attempts.succeed(ctx, key);
      return { ...account, hash: await this.#rehash(ctx, account, password) };
    }
    await this.limits.countFailedSignIn(ctx, counted);
    if (failures >= MOST_FAILURES) await this.#disable(ctx, account);
    const event = {
      action: 'sign_in.refused',
      target: account ? { type: 'user', id: account.id } : undefined,
      details: { method: 'password', reason: reasonOf(account, right) },
    };
    await auditHourly(ctx, event, key);
    throw new WrongCredentials();
  }

  /** That a sign-in which the password began may end: nobody has changed it meanwhile, and nobody can until the transaction ends. @throws WrongCredentials */
  async demandUnchanged(tx: TenantContext, userId: string, proof: string): Promise<void> {
    const rows = await tx.query<{ hash: string }>(
      `SELECT secret AS hash FROM "@tenant".credentials
        WHERE user_id = $1 AND type = 'password' AND disabled_at IS NULL FOR SHARE`,
      [userId],
    );
    if (!rows[0] || proofOf(rows[0].hash) !== proof) throw new WrongCredentials();
  }

  /** @param words see wordsOf(). Slow, so before any transaction. @throws WeakPassword, HashingBusy */
  async hash(
    password: string,
    words: string[],
    { besideFactor = false, pointer = '/password', fewestGuesses = undefined as number | undefined } = {},
  ): Promise<string> {
    const guesses = await this.guesses.load();
    const weakness = weaknessOf(normalizedPassword(password), words, besideFactor, guesses, fewestGuesses);
    if (weakness) throw new WeakPassword(weakness.code, weakness.message, pointer);
    return this.hasher.hash(password);
  }

  /** The first one of somebody who was just made. */
  async store(tx: TenantContext, userId: string, hash: string, short = false): Promise<void> {
    await tx.query(
      `INSERT INTO "@tenant".credentials (user_id, type, id, secret, data) VALUES ($1, 'password', $1, $2, $3)
       ON CONFLICT (user_id, type, id) DO UPDATE
         SET secret = excluded.secret, data = excluded.data, created_at = excluded.created_at, disabled_at = NULL`,
      [userId, hash, { short } satisfies PasswordData],
    );
  }

  /** Of somebody who is gone; the links that would set a new one go as well. */
  async forget(tx: TenantContext, userId: string): Promise<void> {
    await tx.repository(Credential).delete({ userId, type: 'password' });
    await revokeAllTokens(tx, userId);
  }

  /** What was begun with the password or the address before: links to reset it, and sign-ins that are half done. */
  async revokeLinks(tx: TenantContext, userId: string): Promise<void> {
    for (const purpose of [RESET_PURPOSE, SECOND_STEP_PURPOSE]) await revokeTokens(tx, purpose, userId);
  }

  /** The second factor is gone that made it long enough: it is not taken any more until it is reset. */
  async disableShort(tx: TenantContext, userId: string): Promise<void> {
    await tx.query(
      `UPDATE "@tenant".credentials SET disabled_at = now()
        WHERE user_id = $1 AND type = 'password' AND (data->>'short')::boolean`,
      [userId],
    );
  }

  /** One's own. Other sessions end. @throws PasswordWrong, WeakPassword, TooManyAttempts */
  async change(ctx: TenantContext, current: string, next: string): Promise<void> {
    const account = await this.demandOwn(ctx, ctx.actor.userId!, current, '/currentPassword');
    const change = await this.prepare(ctx, account, next, '/newPassword');
    await this.replace(ctx, account, change);
  }

  /** That somebody who is signed in knows their password. @throws PasswordWrong, TooManyAttempts */
  async demandOwn(ctx: TenantContext, userId: string, password: string, pointer: string): Promise<Account> {
    const account = (await findAccountById(ctx, userId))!;
    await this.attempts.begin(ctx, ownKey(userId));
    if (!(await this.hasher.verify(password, account.hash))) {
      await audit(ctx, { action: 'password.refused', outcome: 'refused', target: { type: 'user', id: userId } });
      throw new PasswordWrong(pointer);
    }
    await this.attempts.succeed(ctx, ownKey(userId));
    return account;
  }

  /** The slow part of a change. @throws WeakPassword, HashingBusy */
  async prepare(ctx: TenantContext, account: Account, next: string, pointer: string): Promise<Change> {
    const besideFactor = await hasSecondFactor(ctx, account.id);
    const hash = await this.hash(next, wordsOf(ctx.tenant, account), { besideFactor, pointer });
    return { hash, short: isShort(normalizedPassword(next)) };
  }

  /** Whoever calls has made sure that the person may. */
  async replace(ctx: TenantContext, account: Account, { hash, short }: Change): Promise<void> {
    await ctx.transaction(async (tx) => {
      await this.store(tx, account.id, hash, short);
      await this.revokeLinks(tx, account.id);
      await this.attempts.succeed(tx, accountKey(account, account.email));
      await audit(tx, { action: 'password.changed', target: { type: 'user', id: account.id } });
      const exceptId = tx.actor.userId === account.id ? tx.actor.sessionId : null;
      tx.announce(new PasswordChanged(account.id, exceptId, await momentAfter(tx)));
    });
  }

  /** Before the last second factor goes. @throws PasswordTooShort */
  async demandLongEnoughAlone(ctx: TenantContext, userId: string): Promise<void> {
    const password = await ctx.repository(Credential).findOneBy({ userId, type: 'password' });
    if (password && (password.data as PasswordData).short) throw new PasswordTooShort();
  }

  /** Lets somebody sign in again who was locked out by failures. @returns whether there is such a person */
  async unlock(ctx: TenantContext, who: { email: string } | { id: string }): Promise<boolean> {
    const account = 'id' in who ? await findAccountById(ctx, who.id) : await findAccount(ctx, who.email);
    if (!account) return false;
    await ctx.transaction(async (tx) => {
      await this.attempts.succeed(tx, accountKey(account, account.email));
      const password = { userId: account.id, type: 'password' as const };
      await tx.repository(Credential).update(password, { disabledAt: null, unlockedAt: new Date() });
      await audit(tx, { action: 'password.unlocked', target: { type: 'user', id: account.id } });
    });
    return true;
  }

  /** The same statement whether there is an account or not. Sessions stay: whoever fails need not be who is signed in. */
  async #disable(ctx: TenantContext, account: Account | null): Promise<void> {
    await ctx.query(
      `UPDATE "@tenant".credentials SET disabled_at = now() WHERE user_id = $1 AND type = 'password' AND disabled_at IS NULL`,
      [account?.id ?? null],
    );
  }

  /** Its cost has risen since it was chosen, or it was hashed as it was typed. */
  async #rehash(ctx: TenantContext, account: Account, password: string): Promise<string> {
    if (!this.hasher.isOutdated(account.hash!, password)) return account.hash!;
    const hash = await this.hasher.hash(password);
    // Unless it was changed meanwhile.
    await ctx
      .repository(Credential)
      .update({ userId: account.id, type: 'password', secret: account.hash! }, { secret: hash });
    return hash;
  }
}

/** What somebody would try first as the password of this person here. */
export function wordsOf(
  { slug, name }: Pick<Tenant, 'slug' | 'name'>,
  { email, firstName, lastName }: Pick<Account, 'email' | 'firstName' | 'lastName'>,
): string[] {
  return [slug, name, email, firstName, lastName];
}

/** Which password somebody has shown, without telling it: for the time between its check and what it is good for. */
export function proofOf(hash: string): string {
  return createHash('sha256').update(hash).digest('base64url');
}

/** By the clock that stamps sessions, and later than any that this transaction has waited for. */
async function momentAfter(tx: TenantContext): Promise<string> {
  const [row] = await tx.query<{ at: Date }>(`SELECT clock_timestamp() + interval '2 ms' AS at`);
  return row!.at.toISOString();
}

/** Apart from strangers' attempts: they must not keep out who is signed in. */
function ownKey(userId: string): string {
  return `own ${userId}`;
}

/** What attempts are counted by: the account, whatever its address becomes; where there is none, the one spelling of what was tried. */
function accountKey(account: Pick<Account, 'id'> | null, tried: string): string {
  return account ? `account ${account.id}` : `nobody ${addressKey(tried)}`;
}

function reasonOf(account: Account | null, right: boolean): string {
  if (!account) return 'unknown';
  if (!account.active) return 'inactive';
  return right ? 'disabled' : 'wrong';
}
