import { IDEMPOTENCY_KEPT_MS } from '../database/day-partitions.ts';
import type { TenantContext } from '../tenancy/tenant-context.ts';

/** Whose key it is. */
export interface KeyId {
  actorId: string;
  key: string;
}

/** What was answered to a request with an Idempotency-Key, for a day. */
export interface KeptAnswer {
  /** SHA-256 of method, path and body. */
  fingerprint: Buffer;
  /** HTTP status. */
  status: number;
  /** Those of the answer that describe the resource. */
  headers: Record<string, string>;
  /** Sealed, for some answers hold a secret; null for one without a body. */
  answer: string | null;
}

/** Until the transaction ends, every other request is refused the key: what makes an answer the only one, also when a day ends. */
export async function tryLockKey(tx: TenantContext, { actorId, key }: KeyId): Promise<boolean> {
  const rows = await tx.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS locked',
    [`${tx.tenant.id} idempotency ${actorId} ${key}`],
  );
  return rows[0]!.locked;
}

/** Null when there is none, or it is older than a day. To be asked under the lock. */
export async function findKeptAnswer(tx: TenantContext, { actorId, key }: KeyId): Promise<KeptAnswer | null> {
  const now = Date.now();
  const rows = await tx.query<KeptAnswer>(
    // Both bounds are known to the planner, which looks at no other days. The upper one leaves room for clocks that are apart.
    `SELECT fingerprint, status, headers, answer FROM platform.idempotency_keys
      WHERE tenant_schema = $1 AND actor_id = $2 AND key = $3 AND created_at > $4 AND created_at < $5
      ORDER BY created_at DESC LIMIT 1`,
    [tx.tenant.binding.schema, actorId, key, new Date(now - IDEMPOTENCY_KEPT_MS), new Date(now + IDEMPOTENCY_KEPT_MS)],
  );
  return rows[0] ?? null;
}

export async function keepAnswer(
  tx: TenantContext,
  { actorId, key }: KeyId,
  { fingerprint, status, headers, answer }: KeptAnswer,
): Promise<void> {
  await tx.query(
    `INSERT INTO platform.idempotency_keys (tenant_schema, actor_id, key, fingerprint, status, headers, answer)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [tx.tenant.binding.schema, actorId, key, fingerprint, status, JSON.stringify(headers), answer],
  );
}
