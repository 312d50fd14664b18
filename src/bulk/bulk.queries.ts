import type { TenantContext } from '../platform/tenancy/tenant-context.ts';
import type { BulkRun } from './bulk.types.ts';

const SELECT = `SELECT id, actor_id AS "actorId", key_id AS "keyId", mode, state, operations, results, total, error,
       created_at AS "createdAt", finished_at AS "finishedAt"
  FROM platform.bulk_runs`;

export async function findRun(ctx: TenantContext, id: string): Promise<BulkRun | null> {
  const rows = await ctx.query<BulkRun>(`${SELECT} WHERE tenant_schema = $1 AND id = $2`, [
    ctx.tenant.binding.schema,
    id,
  ]);
  return rows[0] ?? null;
}

/** Of the person who acts. */
export async function findOwnRun(ctx: TenantContext, id: string): Promise<BulkRun | null> {
  const rows = await ctx.query<BulkRun>(`${SELECT} WHERE tenant_schema = $1 AND id = $2 AND actor_id = $3`, [
    ctx.tenant.binding.schema,
    id,
    ctx.actor.userId,
  ]);
  return rows[0] ?? null;
}

/** How many of its operations are done; no other process carries on with it until the transaction ends. Null when it is gone. */
export async function lockRun(tx: TenantContext, { id, createdAt }: BulkRun): Promise<number | null> {
  const rows = await tx.query<{ begun: number }>(
    `SELECT jsonb_array_length(results) AS begun FROM platform.bulk_runs
      WHERE tenant_schema = $1 AND id = $2 AND created_at = $3 FOR UPDATE`,
    [tx.tenant.binding.schema, id, createdAt],
  );
  return rows[0]?.begun ?? null;
}
