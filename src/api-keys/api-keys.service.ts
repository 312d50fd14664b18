import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { In, IsNull, LessThan, MoreThan, LessThanOrEqual } from 'typeorm';
import { v7 as newId } from 'uuid';
import type { Grant } from '../platform/access/permissions.ts';
import { audit } from '../platform/audit/audit.ts';
import { Cache } from '../platform/cache/cache.ts';
import { given } from '../platform/database/given.ts';
import { InvalidInput, demandVersion } from '../platform/errors/app-error.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { ApiKey } from './api-key.entity.ts';
import { expiryOf, formatApiKey, hashApiKey, scopeProblems } from './api-key.rules.ts';
import { ApiKeyMissing, ExpiryRefused, TooManyApiKeys } from './api-keys.errors.ts';
import { findPresentedKey } from './api-keys.queries.ts';
import type { UsableKey } from './api-keys.types.ts';

const HOUR_MS = 3_600_000;
const DEFAULT_OVERLAP_HOURS = 24;
/** Bounds how long a revoked or expired key can go unnoticed. */
const TTL_MS = 1_000;
/** For one person or service account. */
const MOST = 20;
/** Keys that have ended are kept for so long, so that a try with one of them still tells which it was. */
const KEPT_MS = 90 * 24 * HOUR_MS;

export interface NewApiKey {
  name: string;
  scopes: string[];
  expiresAt?: string;
  requestsPerMinute?: number | null;
}

/** How long the text before goes on, and when the new one expires. */
export interface KeyRotation {
  overlapHours?: number;
  expiresAt?: string;
}

export interface IssuedApiKey {
  key: ApiKey;
  /** Shown once. */
  text: string;
}

@Injectable()
export class ApiKeysService {
  constructor(private readonly cache: Cache) {}

  /** The keys of a person or service account that are not revoked, oldest first; there are few. */
  list(ctx: TenantContext, userId: string): Promise<ApiKey[]> {
    return ctx
      .repository(ApiKey)
      .find({ where: { userId, revokedAt: IsNull() }, order: { createdAt: 'ASC', id: 'ASC' } });
  }

  /** @throws ApiKeyMissing also for a revoked one and one of somebody else */
  async get(ctx: TenantContext, userId: string, id: string): Promise<ApiKey> {
    const key = await ctx.repository(ApiKey).findOneBy({ id, userId, revokedAt: IsNull() });
    if (!key) throw new ApiKeyMissing();
    return key;
  }

  /**
   * Makes a key that acts as the person or service account, within scopes that the actor has.
   *
   * @throws InvalidInput for scopes, ExpiryRefused, TooManyApiKeys
   */
  async create(ctx: TenantContext, userId: string, wanted: NewApiKey): Promise<IssuedApiKey> {
    const scopes = [...new Set(wanted.scopes)];
    demandScopes(ctx, scopes);
    const expiresAt = demandExpiry(wanted.expiresAt);
    const { name, requestsPerMinute = null } = wanted;
    const text = formatApiKey(ctx.tenant.id, randomBytes(32));
    const id = newId();
    return ctx.transaction(async (tx) => {
      await this.#holdRoom(tx, userId);
      await tx.repository(ApiKey).insert({
        id,
        userId,
        name,
        ...storedOf(text),
        scopes: scopes as Grant[],
        requestsPerMinute,
        createdBy: tx.actor.userId,
        expiresAt,
      });
      const after = { name, scopes, expiresAt, requestsPerMinute };
      await audit(tx, { action: 'api_key.created', target: { type: 'api_key', id }, after, details: { userId } });
      return { key: await this.get(tx, userId, id), text };
    });
  }

  /** @throws ApiKeyMissing, StaleVersion */
  async update(
    ctx: TenantContext,
    id: string,
    changes: { name?: string; requestsPerMinute?: number | null },
    expectedVersion?: number,
  ): Promise<ApiKey> {
    const userId = ctx.actor.userId!;
    const changed = await ctx.transaction(async (tx) => {
      const { name, requestsPerMinute, version } = await this.#lock(tx, userId, id);
      demandVersion({ version }, expectedVersion);
      if (Object.keys(given(changes)).length > 0) {
        await tx.repository(ApiKey).update({ id }, given(changes));
        const before = { name, requestsPerMinute };
        const target = { type: 'api_key', id };
        await audit(tx, { action: 'api_key.updated', target, before, after: { ...before, ...given(changes) } });
      }
      return this.get(tx, userId, id);
    });
    await this.#forget(ctx, changed);
    return changed;
  }

  /**
   * Gives the key another text and a life as long as before, unless another end is chosen. The text before goes on for the overlap, or until it would have expired;
   * one that was replaced before that ends now.
   *
   * @throws ApiKeyMissing, ExpiryRefused
   */
  async rotate(
    ctx: TenantContext,
    userId: string,
    id: string,
    { overlapHours = DEFAULT_OVERLAP_HOURS, expiresAt: wanted }: KeyRotation,
  ): Promise<IssuedApiKey> {
    const chosen = wanted === undefined ? null : demandExpiry(wanted);
    const text = formatApiKey(ctx.tenant.id, randomBytes(32));
    const { before, key } = await ctx.transaction(async (tx) => {
      const before = await this.#lock(tx, userId, id);
      // Whoever rotates it holds it: somebody else's must not open more to them than they have themselves.
      if (userId !== tx.actor.userId) demandScopes(tx, before.scopes);
      const overlapEnd = Math.min(Date.now() + overlapHours * HOUR_MS, before.expiresAt.getTime());
      const previousExpiresAt = new Date(overlapEnd);
      // As long as the one before: who wanted ten days gets ten days.
      const life = before.expiresAt.getTime() - (before.rotatedAt ?? before.createdAt).getTime();
      const expiresAt = chosen ?? new Date(Date.now() + life);
      const previous = { previousHash: before.hash, previousExpiresAt };
      await tx.repository(ApiKey).update({ id }, { ...storedOf(text), ...previous, rotatedAt: new Date(), expiresAt });
      const after = { expiresAt, previousExpiresAt };
      await audit(tx, { action: 'api_key.rotated', target: { type: 'api_key', id }, after, details: { userId } });
      return { before, key: await this.get(tx, userId, id) };
    });
    await this.#forget(ctx, before);
    return { key, text };
  }

  /** From now on it opens nothing. @throws ApiKeyMissing */
  async revoke(ctx: TenantContext, userId: string, id: string): Promise<void> {
    const key = await ctx.transaction(async (tx) => {
      const key = await this.#lock(tx, userId, id);
      await this.#revoke(tx, [key]);
      return key;
    });
    await this.#forget(ctx, key);
  }

  /** Revokes every key of a person or service account. */
  async revokeAll(ctx: TenantContext, userId: string, madeBefore = new Date()): Promise<void> {
    const keys = await ctx.transaction(async (tx) => {
      const keys = await tx
        .repository(ApiKey)
        .findBy({ userId, revokedAt: IsNull(), createdAt: LessThanOrEqual(madeBefore) });
      if (keys.length > 0) await this.#revoke(tx, keys);
      return keys;
    });
    for (const key of keys) await this.#forget(ctx, key);
  }

  /**
   * The key with this hash, if it may be used at this moment; asked at every request and kept for a second. Use is noted
   * with its address, and a try with a key that has ended as well, each at most once a minute.
   */
  find(ctx: TenantContext, hash: Buffer): Promise<UsableKey | null> {
    return this.cache.getOrLoad(cacheKeyOf(ctx, hash), TTL_MS, async () => {
      const key = await findPresentedKey(ctx, hash);
      if (!key) return null;
      const { id, userId, scopes, requestsPerMinute, lastAddress } = key;
      if (!key.usable) await this.#noteRefusal(ctx, id);
      else await this.#noteUse(ctx, id, lastAddress);
      return key.usable ? { id, userId, scopes, requestsPerMinute } : null;
    });
  }

  /** The key, if it may still be used, for what is done later in its name. */
  async findById(ctx: TenantContext, userId: string, id: string): Promise<UsableKey | null> {
    const where = { id, userId, revokedAt: IsNull(), expiresAt: MoreThan(new Date()) };
    const key = await ctx.repository(ApiKey).findOneBy(where);
    return key && { id, userId, scopes: key.scopes, requestsPerMinute: key.requestsPerMinute };
  }

  /** Ends of an organisation's keys are rare; the moment for them is when somebody makes a new one. */
  async #holdRoom(tx: TenantContext, userId: string): Promise<void> {
    await tx.query(`LOCK TABLE "@tenant".api_keys IN SHARE ROW EXCLUSIVE MODE`);
    const keys = tx.repository(ApiKey);
    const longAgo = LessThan(new Date(Date.now() - KEPT_MS));
    await keys.delete([
      { userId, revokedAt: longAgo },
      { userId, expiresAt: longAgo },
    ]);
    const count = await keys.countBy({ userId, revokedAt: IsNull(), expiresAt: MoreThan(new Date()) });
    if (count >= MOST) throw new TooManyApiKeys(MOST);
  }

  async #lock(tx: TenantContext, userId: string, id: string): Promise<ApiKey> {
    const key = await tx
      .repository(ApiKey)
      .findOne({ where: { id, userId, revokedAt: IsNull() }, lock: { mode: 'pessimistic_write' } });
    if (!key) throw new ApiKeyMissing();
    return key;
  }

  async #revoke(tx: TenantContext, keys: ApiKey[]): Promise<void> {
    await tx.repository(ApiKey).update({ id: In(keys.map((key) => key.id)) }, { revokedAt: new Date() });
    for (const { id, userId, name } of keys) {
      const target = { type: 'api_key', id };
      await audit(tx, { action: 'api_key.revoked', target, before: { name }, details: { userId } });
    }
  }

  async #noteUse(ctx: TenantContext, id: string, lastAddress: string | null): Promise<void> {
    const { address } = ctx.caller;
    const noted = await ctx.query(
      `WITH noted AS (
         UPDATE "@tenant".api_keys SET last_used_at = now(), last_address = $2
          WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute') RETURNING id)
       SELECT id FROM noted`,
      [id, address],
    );
    // Every use would drown the log; where a key is used from is what somebody looks for in it.
    if (noted.length > 0 && address !== lastAddress)
      await audit(ctx, { action: 'api_key.used', target: { type: 'api_key', id }, details: { lastAddress } });
  }

  async #noteRefusal(ctx: TenantContext, id: string): Promise<void> {
    const noted = await ctx.query(
      `WITH noted AS (
         UPDATE "@tenant".api_keys SET last_refused_at = now()
          WHERE id = $1 AND (last_refused_at IS NULL OR last_refused_at < now() - interval '1 minute') RETURNING id)
       SELECT id FROM noted`,
      [id],
    );
    if (noted.length > 0)
      await audit(ctx, { action: 'api_key.refused', outcome: 'refused', target: { type: 'api_key', id } });
  }

  async #forget(ctx: TenantContext, { hash, previousHash }: ApiKey): Promise<void> {
    for (const each of [hash, previousHash]) if (each) await this.cache.forget(cacheKeyOf(ctx, each));
  }
}

function storedOf(text: string): Pick<ApiKey, 'hash' | 'ending'> {
  return { hash: hashApiKey(text), ending: text.slice(-4) };
}

function demandScopes(ctx: TenantContext, scopes: string[]): void {
  const problems = scopeProblems(ctx.actor, scopes);
  if (problems.length > 0) throw new InvalidInput(problems);
}

function demandExpiry(wanted: string | undefined): Date {
  const expiresAt = expiryOf(wanted);
  if (typeof expiresAt === 'string') throw new ExpiryRefused(expiresAt);
  return expiresAt;
}

function cacheKeyOf(ctx: TenantContext, hash: Buffer): string {
  return `api-key:${ctx.tenant.id}:${hash.toString('base64url')}`;
}
