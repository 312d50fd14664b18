import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { SecretBox } from '../crypto/secret-box.ts';
import type { AppReply, AppRequest } from '../http/request.ts';
import type { TenantContext } from '../tenancy/tenant-context.ts';
import { findKeptAnswer, keepAnswer, tryLockKey, type KeptAnswer, type KeyId } from './idempotency-keys.ts';
import {
  AnswerLost,
  IdempotencyKeyReused,
  IdempotencyUnsupported,
  RequestInFlight,
  WrongIdempotencyKey,
} from './idempotency.errors.ts';

const KEY = /^[\x21-\x7e]{1,255}$/;
/** Where passwords and codes are judged: what counts their failures must outlive the failure, and not be rolled back with it. */
const PROVES_A_PERSON = /^\/api\/v\d+\/(auth|users\/me)\//;
/** Those that tell about the resource; all others belong to the request. */
const KEPT_HEADERS = ['location', 'etag'];

/**
 * A POST with an Idempotency-Key is carried out once: the whole of it runs in one transaction, in which its answer is stored
 * under the key, and whoever repeats it within a day is given that answer again
 * (draft-ietf-httpapi-idempotency-key-header). What failed left nothing, and is tried anew.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor<unknown, unknown> {
  constructor(private readonly box: SecretBox) {}

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = execution.switchToHttp().getRequest<AppRequest>();
    const header = request.headers['idempotency-key'];
    if (request.method !== 'POST' || header === undefined) return next.handle();
    if (typeof header !== 'string' || !KEY.test(header)) throw new WrongIdempotencyKey();
    const actorId = request.context?.actor.userId ?? null;
    if (actorId === null || request.isMultipart() || PROVES_A_PERSON.test(request.url))
      throw new IdempotencyUnsupported();
    return from(this.#once(request, execution.switchToHttp().getResponse<AppReply>(), { actorId, key: header }, next));
  }

  async #once(request: AppRequest, reply: AppReply, id: KeyId, next: CallHandler): Promise<unknown> {
    const outer = request.context!;
    const fingerprint = fingerprintOf(request);
    try {
      return await outer.transaction(async (tx) => {
        if (!(await tryLockKey(tx, id))) throw new RequestInFlight();
        const kept = await findKeptAnswer(tx, id);
        if (kept) return this.#again(tx, id, kept, fingerprint, reply);
        request.context = tx;
        const answer: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
        await this.#keep(tx, id, fingerprint, reply, answer);
        return answer;
      });
    } finally {
      // What comes after the transaction, such as the record of a refusal, is no part of it.
      request.context = outer;
    }
  }

  #again(tx: TenantContext, id: KeyId, kept: KeptAnswer, fingerprint: Buffer, reply: AppReply): unknown {
    if (!kept.fingerprint.equals(fingerprint)) throw new IdempotencyKeyReused();
    void reply
      .status(kept.status)
      .headers({ ...kept.headers, 'idempotency-replayed': 'true', 'cache-control': 'no-store' });
    if (kept.answer === null) return undefined;
    try {
      return JSON.parse(this.box.open(kept.answer, placeOf(tx, id)));
    } catch {
      throw new AnswerLost();
    }
  }

  async #keep(tx: TenantContext, id: KeyId, fingerprint: Buffer, reply: AppReply, answer: unknown): Promise<void> {
    const headers = Object.fromEntries(
      KEPT_HEADERS.flatMap((name) => (reply.hasHeader(name) ? [[name, String(reply.getHeader(name))]] : [])),
    );
    const sealed = answer === undefined ? null : this.box.seal(JSON.stringify(answer), placeOf(tx, id));
    await keepAnswer(tx, id, { fingerprint, status: reply.statusCode, headers, answer: sealed });
  }
}

function fingerprintOf(request: AppRequest): Buffer {
  const { body = null, headers, context } = request;
  // An answer to one API key is none of another one's business, though both stand in for the same person.
  const facts = [request.method, request.url, body, headers['if-match'] ?? null, context?.actor.key?.id ?? null];
  return createHash('sha256').update(JSON.stringify(facts)).digest();
}

function placeOf(tx: TenantContext, { actorId, key }: KeyId): string {
  return `idempotency_keys.answer ${tx.tenant.id} ${actorId} ${key}`;
}
