import { PlanLimitReached } from './tenancy.errors.ts';
import type { TenantContext } from './tenant-context.ts';

const TABLES = { users: '"@tenant".users', projects: '"@tenant".projects' } as const;

/**
 * Makes room for one more, first thing in the transaction that adds it: whoever else adds one waits until it has ended,
 * so that two at once cannot both be the last that the plan allows.
 *
 * @throws PlanLimitReached
 */
export async function holdRoom(
  tx: TenantContext,
  what: keyof typeof TABLES,
  count: (tx: TenantContext) => Promise<number>,
): Promise<void> {
  const { limits, plan } = tx.tenant;
  const allowed = limits[what];
  if (allowed === null) return;
  await tx.query(`LOCK TABLE ${TABLES[what]} IN SHARE ROW EXCLUSIVE MODE`);
  const used = await count(tx);
  if (used >= allowed) throw new PlanLimitReached({ of: what, allowed, used, plan });
}

/**
 * Makes room for a file that is about to be written down, after the locks of what it belongs to: whoever else attaches one
 * waits until the transaction has ended. Storage is measured from time to time; what was attached since counts by the files' own sum.
 *
 * @throws PlanLimitReached
 */
export async function holdStorage(
  tx: TenantContext,
  bytes: number,
  countBytes: (tx: TenantContext) => Promise<number>,
): Promise<void> {
  const { limits, plan, storageBytes } = tx.tenant;
  const allowed = limits.storageBytes;
  if (allowed === null) return;
  await tx.query('LOCK TABLE "@tenant".attachments IN SHARE ROW EXCLUSIVE MODE');
  const used = Math.max(storageBytes, await countBytes(tx));
  if (used + bytes > allowed) throw new PlanLimitReached({ of: 'bytes of storage', allowed, used, plan });
}
