import type { ErrorDetail } from '../platform/errors/app-error.ts';
import { defineJob } from '../platform/jobs/job.ts';
import type { NewTask } from '../tasks/task.types.ts';

/** All or nothing, or each operation by itself. */
export const BULK_MODES = ['atomic', 'each'] as const;
export type BulkMode = (typeof BULK_MODES)[number];

export const BULK_ACTIONS = ['create', 'update', 'move', 'delete', 'restore'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

export const BULK_STATES = ['queued', 'running', 'done', 'failed'] as const;
export type BulkState = (typeof BULK_STATES)[number];

export interface BulkOperation {
  action: BulkAction;
  /** Of the task; not for one that is created. */
  id?: string;
  /** The version that the operation is based on. */
  version?: number;
  /** What a new task has, or what changes. */
  task?: Partial<NewTask>;
  afterId?: string | null;
  beforeId?: string | null;
}

export interface BulkFailure {
  code: string;
  message: string;
  details: ErrorDetail[];
}

/** `id` and `version` of the task afterwards; no version once it was deleted. */
export type BulkResult =
  { status: 'done'; id: string; version: number | null } | { status: 'failed'; id: string | null; error: BulkFailure };

/** Operations on many tasks that are carried out in the background, and what came of them. */
export interface BulkRun {
  id: string;
  /** For whom they are carried out, with what that person may do then. */
  actorId: string;
  /** The API key that they were sent with; null for a person who was signed in. */
  keyId: string | null;
  mode: BulkMode;
  state: BulkState;
  /** Empty once it is over. */
  operations: BulkOperation[];
  /** In the order of the operations, as far as it has come. */
  results: BulkResult[];
  total: number;
  /** Why none of it was done, or not the rest. */
  error: BulkFailure | null;
  createdAt: Date;
  finishedAt: Date | null;
}

/** More than so many are carried out in the background. */
export const MOST_AT_ONCE = 100;
export const MOST_IN_BACKGROUND = 2_000;

/** Carries on where the attempt before it ended. */
export const RUN_BULK = defineJob<{ tenantId: string; runId: string }>({
  name: 'run-bulk',
  attempts: 4,
  pauseSeconds: 2,
  timeoutSeconds: 600,
});
