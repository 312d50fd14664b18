import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, LessThan, type Repository } from 'typeorm';
import { v7 as newId } from 'uuid';
import { Unauthenticated } from '../platform/access/access.errors.ts';
import type { Caller } from '../platform/access/caller.ts';
import { OperatorVerifier, type Operator } from '../platform/access/operator.ts';
import { Cache } from '../platform/cache/cache.ts';
import { databaseProblem } from '../platform/database/database-problem.ts';
import { SignedTokens } from '../signing-keys/signed-tokens.service.ts';
import { LONGEST_OTHER_TOKEN_SECONDS } from '../signing-keys/signing-keys.types.ts';
import type { OperatorAccount } from './operator.entity.ts';
import { OperatorSession } from './operator-session.entity.ts';
import { findOperatorOf } from './operators.queries.ts';

/** Tenants' tokens have another one: neither passes for the other. */
const AUDIENCE = 'projectflow-platform';
/** There is no refresh: whoever operates an installation proves each hour who they are. */
const SESSION_SECONDS = LONGEST_OTHER_TOKEN_SECONDS;
/** Bounds how long a session that was ended can go unnoticed. */
const TTL_MS = 1_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface SignedInOperator {
  operator: Pick<OperatorAccount, 'id' | 'email' | 'name'>;
  accessToken: string;
  /** Seconds. */
  expiresIn: number;
}

/** Operators' sessions, one access token each. Every request asks whether its session still holds. */
@Injectable()
export class OperatorSessions extends OperatorVerifier {
  constructor(
    @InjectRepository(OperatorSession) private readonly sessions: Repository<OperatorSession>,
    private readonly tokens: SignedTokens,
    private readonly cache: Cache,
  ) {
    super();
  }

  /** For somebody who has proved who they are. */
  async open(operator: SignedInOperator['operator'], { address, userAgent }: Caller): Promise<SignedInOperator> {
    const now = new Date();
    const expiresAt = new Date(now.getTime() + SESSION_SECONDS * 1_000);
    const session = { id: newId(), operatorId: operator.id, expiresAt, address, userAgent };
    await this.sessions.delete({ operatorId: operator.id, expiresAt: LessThan(now) });
    await this.sessions.insert(session);
    const accessToken = await this.tokens.sign({
      audience: AUDIENCE,
      subject: operator.id,
      expiresIn: SESSION_SECONDS,
      claims: { sid: session.id },
    });
    return { operator, accessToken, expiresIn: SESSION_SECONDS };
  }

  async verify({ headers }: { headers: Record<string, unknown> }): Promise<Operator> {
    const header = headers['authorization'];
    const [, token] = (typeof header === 'string' && /^Bearer (\S+)$/i.exec(header)) || [];
    if (!token) throw new Unauthenticated();
    const { sub, sid } = await this.#claims(token);
    const operator = await this.cache.getOrLoad(keyOf(sid), TTL_MS, () =>
      findOperatorOf(this.sessions.manager, sid, sub),
    );
    if (!operator || operator.id !== sub) throw new Unauthenticated('The session has ended. Sign in again.');
    return operator;
  }

  async end({ sessionId }: Operator): Promise<void> {
    await this.sessions.update({ id: sessionId, revokedAt: IsNull() }, { revokedAt: new Date() });
    await this.cache.forget(keyOf(sessionId));
  }

  async endAll(operatorId: string): Promise<void> {
    const open = await this.sessions.findBy({ operatorId, revokedAt: IsNull() });
    await this.sessions.update({ operatorId, revokedAt: IsNull() }, { revokedAt: new Date() });
    await Promise.all(open.map(({ id }) => this.cache.forget(keyOf(id))));
  }

  async #claims(token: string): Promise<{ sub: string; sid: string }> {
    const { sub, sid } = await this.tokens.verify(token, AUDIENCE).catch((error: unknown) => {
      // The keys could not be asked for: that says nothing about the token.
      throw databaseProblem(error) ?? new Unauthenticated();
    });
    if (typeof sub !== 'string' || typeof sid !== 'string' || !UUID.test(sub) || !UUID.test(sid))
      throw new Unauthenticated();
    return { sub, sid };
  }
}

function keyOf(sessionId: string): string {
  return `operator:${sessionId}`;
}
