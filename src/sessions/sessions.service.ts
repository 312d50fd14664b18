import { Injectable } from '@nestjs/common';
import { IsNull, LessThan } from 'typeorm';
import { v7 as newId } from 'uuid';
import { SecretBox } from '../platform/crypto/secret-box.ts';
import type { Caller } from '../platform/access/caller.ts';
import { audit } from '../platform/audit/audit.ts';
import { ActorsChanged } from '../platform/events/actors-changed.ts';
import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import { TenantContexts } from '../platform/tenancy/tenant-contexts.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { formatTenantSecret, hashSecret } from '../platform/tokens/tenant-secret.ts';
import { REFRESH_PURPOSE, Token } from '../platform/tokens/token.entity.ts';
import { UsersService } from '../users/users.service.ts';
import { RefreshRefused, SessionMissing } from './sessions.errors.ts';
import type { OpenSession, SessionRow, SignInMethod } from './sessions.types.ts';
import { endSessions, listSessions } from './sessions.queries.ts';
import { Session } from './session.entity.ts';

/** `pfr_<tenant>_<secret>`: it says its tenant, so that a refresh needs no header. */
const REFRESH_PREFIX = 'pfr';

const DAY_MS = 86_400_000;
/** Without use for so long, the session ends. */
const SLIDING_MS = 30 * DAY_MS;
/** However much it is used, the session ends. */
const ABSOLUTE_MS = 90 * DAY_MS;
/** Two tabs refresh at once, or an answer was lost: the same successor is given again for so long. */
const REPLAY_MS = 10_000;

/** Sessions and their families of refresh tokens: opaque, single use, stored as hashes. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly box: SecretBox,
    private readonly users: UsersService,
    private readonly contexts: TenantContexts,
  ) {}

  list(ctx: TenantContext, userId: string): Promise<SessionRow[]> {
    return listSessions(ctx, userId);
  }

  /** Somebody else's. @throws UserMissing, UserOutOfReach */
  async listOf(ctx: TenantContext, userId: string): Promise<SessionRow[]> {
    this.users.demandReach(ctx, await this.users.get(ctx, userId));
    return listSessions(ctx, userId);
  }

  /** Signs somebody else out everywhere. @throws UserMissing, UserOutOfReach */
  async closeAllOf(ctx: TenantContext, userId: string): Promise<void> {
    this.users.demandReach(ctx, await this.users.get(ctx, userId));
    await this.closeAll(ctx, userId);
  }

  /** @throws SessionMissing, also for one that has ended or is somebody else's */
  async get(ctx: TenantContext, userId: string, id: string): Promise<SessionRow> {
    const session = (await listSessions(ctx, userId)).find((each) => each.id === id);
    if (!session) throw new SessionMissing();
    return session;
  }

  async open(ctx: TenantContext, userId: string, caller: Caller, method: SignInMethod): Promise<OpenSession> {
    const now = Date.now();
    const session = {
      id: newId(),
      userId,
      method,
      authenticatedAt: new Date(now),
      lastUsedAt: new Date(now),
      expiresAt: new Date(now + ABSOLUTE_MS),
      revokedAt: null,
      ...pick(caller),
    };
    const refreshToken = formatTenantSecret(REFRESH_PREFIX, ctx.tenant.id);
    await ctx.transaction(async (tx) => {
      await this.#removeEnded(tx, userId);
      await tx.repository(Session).insert(session);
      await this.#keep(tx, session, refreshToken);
    });
    return { sessionId: session.id, userId, refreshToken };
  }

  /**
   * Exchanges a refresh token for its successor. Presented again within 10 s it gives the same successor; later, somebody
   * else has it, and the whole session ends.
   *
   * @param addressed the tenant that the request names beside the token, if any
   * @throws RefreshRefused, TenantMismatch
   */
  async refresh(
    presented: string,
    addressed: Tenant | null,
    caller: Caller,
  ): Promise<{ ctx: TenantContext; session: OpenSession }> {
    const ctx = await this.contexts.openBySecret(REFRESH_PREFIX, presented, addressed, caller);
    if (!ctx) throw new RefreshRefused();
    const outcome = await ctx.transaction(async (tx) => {
      const token = await tx
        .repository(Token)
        .findOne({ where: byText(presented), lock: { mode: 'pessimistic_write' } });
      const session = token && (await tx.repository(Session).findOneBy({ id: token.sessionId!, revokedAt: IsNull() }));
      if (!token || !session || token.expiresAt <= new Date() || session.expiresAt <= new Date()) return null;
      if (token.usedAt && Date.now() - token.usedAt.getTime() > REPLAY_MS) {
        // Committed, not thrown: the revocation must outlive the refusal.
        await this.#revoke(tx, session);
        await audit(tx, {
          action: 'refresh_token.reused',
          outcome: 'refused',
          target: { type: 'session', id: session.id },
          details: { userId: session.userId },
        });
        return null;
      }
      // Derived, so that the same successor can be given again without anything readable being stored.
      const successor = await this.#successorOf(tx, presented, token.usedAt !== null);
      if (!token.usedAt) {
        await tx.repository(Token).update(byText(presented), { usedAt: new Date() });
        await tx.repository(Session).update({ id: session.id }, { lastUsedAt: new Date() });
        await this.#keep(tx, session, successor);
      }
      return { sessionId: session.id, userId: session.userId, refreshToken: successor };
    });
    if (!outcome) throw new RefreshRefused();
    return { ctx, session: outcome };
  }

  /** The person proved again who they are. */
  async refreshProof(ctx: TenantContext, sessionId: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      await tx.repository(Session).update({ id: sessionId }, { authenticatedAt: new Date() });
      tx.announce(new ActorsChanged(tx.actor.userId));
    });
  }

  /** @throws SessionMissing */
  async close(ctx: TenantContext, userId: string, id: string): Promise<void> {
    await ctx.transaction(async (tx) => {
      const session = await tx.repository(Session).findOneBy({ id, userId, revokedAt: IsNull() });
      if (!session) throw new SessionMissing();
      await this.#revoke(tx, session);
    });
  }

  /** Ends the session that the refresh token belongs to; an unknown token ends nothing, and that is no error. */
  async closeByToken(presented: string, addressed: Tenant | null, caller: Caller): Promise<void> {
    const ctx = await this.contexts.openBySecret(REFRESH_PREFIX, presented, addressed, caller);
    await ctx?.transaction(async (tx) => {
      const token = await tx.repository(Token).findOneBy(byText(presented));
      const session = token && (await tx.repository(Session).findOneBy({ id: token.sessionId! }));
      if (session) await this.#revoke(tx, session);
    });
  }

  /** Ends every session of a person, but for one, or but for those that were opened since. */
  async closeAll(
    ctx: TenantContext,
    userId: string,
    { exceptId = null, openedBefore = new Date() }: { exceptId?: string | null; openedBefore?: Date } = {},
  ): Promise<void> {
    await ctx.transaction(async (tx) => {
      const ids = await endSessions(tx, userId, { exceptId, openedBefore });
      if (ids.length === 0) return;
      await audit(tx, {
        action: 'sessions.ended',
        target: { type: 'user', id: userId },
        details: { sessions: ids.length },
      });
      tx.announce(new ActorsChanged(userId));
    });
  }

  /** Their tokens go with them. A sign-in is the time for it: whoever never comes back leaves a few rows, no more. */
  async #removeEnded(tx: TenantContext, userId: string): Promise<void> {
    const longAgo = new Date(Date.now() - SLIDING_MS);
    await tx.repository(Session).delete([
      { userId, expiresAt: LessThan(new Date()) },
      { userId, revokedAt: LessThan(longAgo) },
      { userId, lastUsedAt: LessThan(longAgo) },
    ]);
  }

  /** @param isGiven whether it was given before, possibly by an instance whose ENCRYPTION_KEY is another one */
  async #successorOf(tx: TenantContext, presented: string, isGiven: boolean): Promise<string> {
    const [current, ...others] = this.box
      .deriveAll('refresh token successor', presented)
      .map((derived) => formatTenantSecret(REFRESH_PREFIX, tx.tenant.id, derived));
    if (isGiven) for (const other of others) if (await tx.repository(Token).existsBy(byText(other))) return other;
    return current!;
  }

  async #keep(tx: TenantContext, session: Pick<Session, 'id' | 'expiresAt'>, token: string): Promise<void> {
    const expiresAt = new Date(Math.min(Date.now() + SLIDING_MS, session.expiresAt.getTime()));
    await tx.repository(Token).insert({ ...byText(token), sessionId: session.id, expiresAt });
  }

  async #revoke(tx: TenantContext, session: Session): Promise<void> {
    await tx.repository(Session).update({ id: session.id }, { revokedAt: new Date() });
    await audit(tx, {
      action: 'session.ended',
      target: { type: 'session', id: session.id },
      details: { userId: session.userId },
    });
    tx.announce(new ActorsChanged(session.userId));
  }
}

/** Known by its hash alone. */
function byText(text: string): Pick<Token, 'hash' | 'purpose'> {
  return { hash: hashSecret(text), purpose: REFRESH_PURPOSE };
}

function pick({ address, userAgent }: Pick<Caller, 'address' | 'userAgent'>): Pick<Session, 'address' | 'userAgent'> {
  return { address, userAgent };
}
