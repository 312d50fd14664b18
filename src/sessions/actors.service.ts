import { Inject, Injectable } from '@nestjs/common';
import type { UsableKey } from '../api-keys/api-keys.types.ts';
import { ANONYMOUS, type Actor } from '../platform/access/actor.ts';
import { narrow } from '../platform/access/grants.ts';
import { Cache } from '../platform/cache/cache.ts';
import { actorCopies } from '../platform/events/actors-changed.ts';
import { CONFIG } from '../platform/config/config.module.ts';
import type { Config } from '../platform/config/config.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { findActorRow, type ActorRow } from './actor.queries.ts';

/** Who acts: read once, and kept until something about them changes (ActorsChanged) or their session ends. */
@Injectable()
export class ActorsService {
  /** Made once for each copy, for a person acts many times. */
  readonly #people = new WeakMap<ActorRow, Actor>();

  constructor(
    private readonly cache: Cache,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Null when the session has ended or the person is not active. */
  async find(ctx: TenantContext, userId: string, sessionId: string): Promise<Actor | null> {
    const row = await this.#row(ctx, userId, sessionId);
    if (!row || row.expiresAt! <= Date.now()) return null;
    let actor = this.#people.get(row);
    if (!actor) this.#people.set(row, (actor = personOf(row, userId, sessionId)));
    return actor;
  }

  /** Who acts with this key: its owner as they are now, within its scopes. Null when the owner is not active. */
  async findByKey(
    ctx: TenantContext,
    { id, userId, scopes: given, requestsPerMinute }: UsableKey,
  ): Promise<Actor | null> {
    const row = await this.#row(ctx, userId, null);
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
    const row = await this.#row(ctx, userId, null);
    if (!row) return null;
    const { level, roles, grants, projectRoles } = row;
    return { ...ANONYMOUS, userId, roles, level, grants: new Set(grants), projectRoles };
  }

  /** Reads past the cache: right after the session was made. */
  async load(ctx: TenantContext, userId: string, sessionId: string): Promise<Actor | null> {
    await this.cache.forget(keyOf(ctx, userId, sessionId));
    return this.find(ctx, userId, sessionId);
  }

  /** Copies of one person, or of everybody in the tenant, on every instance. @param userId null for everybody */
  forget(ctx: TenantContext, userId: string | null): Promise<void> {
    return this.cache.forget(actorCopies(ctx.tenant.binding.schema, userId));
  }

  #row(ctx: TenantContext, userId: string, sessionId: string | null): Promise<ActorRow | null> {
    const { schema } = ctx.tenant.binding;
    const groups = [actorCopies(schema, null), actorCopies(schema, userId)];
    return this.cache.getOrLoad(
      keyOf(ctx, userId, sessionId),
      this.config.ACTOR_CACHE_SECONDS * 1_000,
      () => findActorRow(ctx, userId, sessionId),
      groups,
    );
  }
}

function personOf(row: ActorRow, userId: string, sessionId: string): Actor {
  const { authenticatedAt, mustEnrol, level, roles, grants, projectRoles } = row;
  return {
    kind: 'user',
    userId,
    sessionId,
    authenticatedAt: authenticatedAt === null ? null : new Date(authenticatedAt),
    mustEnrol,
    roles,
    level,
    grants: new Set(grants),
    projectRoles,
  };
}

/** By the place and the version of the schema: after a restore, a move or a release, what was read before is another's. */
function keyOf({ tenant }: TenantContext, userId: string, sessionId: string | null): string {
  return `actor:${tenant.binding.schema}:${tenant.schemaVersion}:${userId}:${sessionId ?? ''}`;
}
