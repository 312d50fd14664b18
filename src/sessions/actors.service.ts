import { Injectable } from '@nestjs/common';
import type { UsableKey } from '../api-keys/api-keys.types.ts';
import { ANONYMOUS, type Actor } from '../platform/access/actor.ts';
import { narrow } from '../platform/access/grants.ts';
import { Cache } from '../platform/cache/cache.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { findActorRow } from './actor.queries.ts';

/** Bounds how long a revoked session, a deactivated person or a changed role can go unnoticed. */
const TTL_MS = 1_000;

@Injectable()
export class ActorsService {
  constructor(private readonly cache: Cache) {}

  /** Null when the session has ended or the person is not active. */
  async find(ctx: TenantContext, userId: string, sessionId: string): Promise<Actor | null> {
    const row = await this.cache.getOrLoad(keyOf(ctx, userId, sessionId), TTL_MS, () =>
      findActorRow(ctx, userId, sessionId),
    );
    if (!row) return null;
    const { authenticatedAt, mustEnrol, level, roles, grants, projectRoles } = row;
    return {
      kind: 'user',
      userId,
      sessionId,
      authenticatedAt: dateOf(authenticatedAt),
      mustEnrol,
      roles,
      level,
      grants: new Set(grants),
      projectRoles,
    };
  }

  /** Who acts with this key: its owner as they are now, within its scopes. Null when the owner is not active. */
  async findByKey(
    ctx: TenantContext,
    { id, userId, scopes: given, requestsPerMinute }: UsableKey,
  ): Promise<Actor | null> {
    const row = await this.cache.getOrLoad(keyOf(ctx, userId, ''), TTL_MS, () => findActorRow(ctx, userId, null));
    if (!row) return null;
    const { level, roles, projectRoles } = row;
    const scopes = new Set(given);
    const grants = new Set(narrow(row.grants, scopes));
    const key = { id, scopes, requestsPerMinute };
    return {
      kind: 'key',
      userId,
      sessionId: null,
      authenticatedAt: null,
      mustEnrol: false,
      roles,
      level,
      grants,
      projectRoles,
      key,
    };
  }

  /**
   * Somebody as they are now, without a session: for what they have asked to be done in their name later. Null when they
   * are not active.
   */
  async findPerson(ctx: TenantContext, userId: string): Promise<Actor | null> {
    const row = await this.cache.getOrLoad(keyOf(ctx, userId, ''), TTL_MS, () => findActorRow(ctx, userId, null));
    if (!row) return null;
    const { level, roles, grants, projectRoles } = row;
    return { ...ANONYMOUS, userId, roles, level, grants: new Set(grants), projectRoles };
  }

  /** Reads past the cache: right after the session was made. */
  async load(ctx: TenantContext, userId: string, sessionId: string): Promise<Actor | null> {
    await this.forget(ctx, userId, sessionId);
    return this.find(ctx, userId, sessionId);
  }

  forget(ctx: TenantContext, userId: string, sessionId: string): Promise<void> {
    return this.cache.forget(keyOf(ctx, userId, sessionId));
  }
}

function dateOf(time: number | null): Date | null {
  return time === null ? null : new Date(time);
}

function keyOf(ctx: TenantContext, userId: string, sessionId: string): string {
  return `actor:${ctx.tenant.id}:${userId}:${sessionId}`;
}
