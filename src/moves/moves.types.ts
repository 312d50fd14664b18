import { defineJob } from '../platform/jobs/job.ts';
import type { TenantBinding } from '../platform/database/lease.ts';

export interface MoveOutcome {
  slug: string;
  from: TenantBinding;
  to: TenantBinding;
  rows: number;
  /** Milliseconds during which the tenant was not served. */
  windowMs: number;
}

export interface MoveRecord {
  id: string;
  slug: string;
  reason: 'move' | 'restore';
  state: 'copying' | 'switched' | 'confirmed' | 'undone';
  from: TenantBinding;
  to: TenantBinding | null;
  rows: number | null;
  windowMs: number | null;
  error: string | null;
  startedAt: Date;
  finishedAt: Date | null;
  /** Whether whoever began it is alive and at it. */
  atWork: boolean;
}

export type OnRows = (rows: number) => void;

/** What the job is told. */
export interface MoveOrder {
  tenantId: string;
  cluster: string;
}

/** Once: what died on the way is undone by itself, and an operator decides whether it is tried again. */
export const MOVE_TENANT = defineJob<MoveOrder, MoveOutcome>({
  name: 'move-tenant',
  attempts: 1,
  timeoutSeconds: 21_600,
  concurrency: 1,
});
