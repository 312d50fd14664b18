import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { v7 as newId } from 'uuid';
import { PasswordsService } from '../passwords/passwords.service.ts';
import { SignInAttempts } from '../passwords/sign-in-attempts.service.ts';
import { audit } from '../platform/audit/audit.ts';
import { auditHourly } from '../platform/audit/hourly.ts';
import { newEnrolment, stepOfCode, type Enrolment } from '../platform/crypto/one-time-codes.ts';
import { Credential } from '../platform/credentials/credential.entity.ts';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import { ActorsChanged } from '../platform/events/actors-changed.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { hashRecoveryCode, newRecoveryCodes } from './recovery-code.rules.ts';
import { NoEnrolment, NoSecondFactor, TotpExists, WrongCode } from './second-factors.errors.ts';
import { findFactors, findPerson, takeRecoveryCode, takeStep, type FactorsRow } from './second-factors.queries.ts';
import { SEALED_TOTP, type Factor } from './second-factors.types.ts';

/** Authenticator apps and recovery codes, and what a person has beside their password altogether. */
@Injectable()
export class SecondFactorsService {
  constructor(
    private readonly passwords: PasswordsService,
    private readonly attempts: SignInAttempts,
    private readonly box: SecretBox,
  ) {}

  find(ctx: TenantContext, userId: string): Promise<FactorsRow> {
    return findFactors(ctx, userId);
  }

  /** What a sign-in of this person can be finished with; empty when a password is all they have. */
  async listFactors(ctx: TenantContext, userId: string): Promise<Factor[]> {
    const { totpSince, passkeys, recoveryCodes } = await findFactors(ctx, userId);
    const factors: Factor[] = [...(totpSince ? ['totp' as const] : []), ...(passkeys > 0 ? ['passkey' as const] : [])];
    return factors.length > 0 && recoveryCodes > 0 ? [...factors, 'recovery_code'] : factors;
  }

  /** A new secret for one's authenticator app; it protects nothing before it is confirmed. @throws TotpExists */
  async enrol(ctx: TenantContext): Promise<Enrolment> {
    const userId = ctx.actor.userId!;
    const { email } = (await findPerson(ctx, userId))!;
    const enrolment = newEnrolment(`ProjectFlow ${ctx.tenant.name}`, email);
    await ctx.transaction(async (tx) => {
      if ((await findFactors(tx, userId)).totpSince) throw new TotpExists();
      // Of two at once the later one stays; one that was confirmed meanwhile is not replaced.
      const rows = await tx.query(
        `INSERT INTO "@tenant".credentials AS c (user_id, type, id, secret, data) VALUES ($1, 'totp', $1, $2, $3)
         ON CONFLICT (user_id, type, id) DO UPDATE SET secret = excluded.secret, data = excluded.data, created_at = excluded.created_at
           WHERE c.confirmed_at IS NULL
         RETURNING 1`,
        [userId, this.box.seal(enrolment.secret, SEALED_TOTP.place(userId)), { lastStep: 0 }],
      );
      if (rows.length === 0) throw new TotpExists();
    });
    return enrolment;
  }

  /** @returns recovery codes, when this is the first second factor. @throws NoEnrolment, WrongCode, TooManyAttempts */
  async confirm(ctx: TenantContext, code: string): Promise<string[]> {
    const userId = ctx.actor.userId!;
    if (!(await ctx.repository(Credential).existsBy(totpOf(userId)))) throw new NoEnrolment();
    await this.#demandCode(ctx, userId, code);
    return ctx.transaction(async (tx) => {
      const first = (await this.listFactors(tx, userId)).length === 0;
      await tx.repository(Credential).update(totpOf(userId), { confirmedAt: new Date() });
      tx.announce(new ActorsChanged(userId));
      await audit(tx, {
        action: 'second_factor.added',
        target: { type: 'user', id: userId },
        details: { factor: 'totp' },
      });
      return first ? this.renewRecoveryCodes(tx, userId) : [];
    });
  }

  /** @throws NoEnrolment, PasswordTooShort */
  async removeTotp(ctx: TenantContext): Promise<void> {
    const userId = ctx.actor.userId!;
    await ctx.transaction(async (tx) => {
      const { affected } = await tx.repository(Credential).delete(totpOf(userId));
      if (!affected) throw new NoEnrolment();
      await this.afterRemoval(tx, userId);
      await audit(tx, {
        action: 'second_factor.removed',
        target: { type: 'user', id: userId },
        details: { factor: 'totp' },
      });
    });
  }

  /** Without a second factor there is nothing that recovery codes stand in for. @throws PasswordTooShort */
  async afterRemoval(tx: TenantContext, userId: string): Promise<void> {
    tx.announce(new ActorsChanged(userId));
    if ((await this.listFactors(tx, userId)).length > 0) return;
    await this.passwords.demandLongEnoughAlone(tx, userId);
    await tx.repository(Credential).delete({ userId, type: 'recovery_code' });
  }

  /** Ten new ones; those from before are worthless. @throws NoSecondFactor */
  async renewRecoveryCodes(ctx: TenantContext, userId: string): Promise<string[]> {
    const codes = newRecoveryCodes();
    await ctx.transaction(async (tx) => {
      if ((await this.listFactors(tx, userId)).length === 0) throw new NoSecondFactor();
      await tx.repository(Credential).delete({ userId, type: 'recovery_code' });
      await tx
        .repository(Credential)
        .insert(
          codes.map((code) => ({ userId, type: 'recovery_code' as const, id: newId(), key: hashRecoveryCode(code) })),
        );
      await audit(tx, { action: 'recovery_codes.renewed', target: { type: 'user', id: userId } });
    });
    return codes;
  }

  /** For somebody who lost all of theirs; whoever calls has made sure that the actor may. */
  async removeAll(ctx: TenantContext, userId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      await tx.repository(Credential).delete({ userId, type: In(['totp', 'passkey', 'recovery_code']) });
      tx.announce(new ActorsChanged(userId));
      await audit(tx, { action: 'second_factors.removed', target: { type: 'user', id: userId } });
    });
  }

  /** A code of the person's authenticator app. @throws WrongCode, TooManyAttempts */
  async verifyCode(ctx: TenantContext, userId: string, code: string): Promise<void> {
    const totp = await ctx.repository(Credential).findOneBy(totpOf(userId));
    if (!totp?.confirmedAt) throw new WrongCode();
    await this.#demandCode(ctx, userId, code);
  }

  /** Each is good once. @throws WrongCode, TooManyAttempts */
  async verifyRecoveryCode(ctx: TenantContext, userId: string, code: string): Promise<void> {
    await this.attempts.begin(ctx, factorKey(userId));
    if (!(await takeRecoveryCode(ctx, userId, hashRecoveryCode(code))))
      await this.#refuse(ctx, userId, 'recovery_code');
    await this.attempts.succeed(ctx, factorKey(userId));
    await audit(ctx, { action: 'recovery_code.used', target: { type: 'user', id: userId } });
  }

  async #refuse(ctx: TenantContext, userId: string, factor: Factor): Promise<never> {
    const target = { type: 'user', id: userId };
    await auditHourly(ctx, { action: 'second_factor.refused', target, details: { factor } }, factor);
    throw new WrongCode();
  }

  async #demandCode(ctx: TenantContext, userId: string, code: string): Promise<void> {
    await this.attempts.begin(ctx, factorKey(userId));
    const { secret } = (await ctx.repository(Credential).findOneBy(totpOf(userId)))!;
    const step = stepOfCode(code, this.box.open(secret!, SEALED_TOTP.place(userId)));
    if (step === null || !(await takeStep(ctx, userId, step))) return this.#refuse(ctx, userId, 'totp');
    await this.attempts.succeed(ctx, factorKey(userId));
  }
}

function totpOf(userId: string): { userId: string; type: 'totp' } {
  return { userId, type: 'totp' };
}

/** What attempts are counted by. */
function factorKey(userId: string): string {
  return `second factor ${userId}`;
}
