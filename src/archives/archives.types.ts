import { defineJob } from '../platform/jobs/job.ts';

/** A tenant that is made of an archive or of another tenant. */
export interface NewTenant {
  slug: string;
  /** As in the archive when not given. */
  name?: string;
  plan?: string;
  region?: string;
  /** A database by name; chosen by plan, region and load when not given. */
  cluster?: string;
}

export interface Restored {
  slug: string;
  rows: number;
  /** Milliseconds during which the tenant was not served. */
  windowMs: number;
  /** ISO 8601. */
  archivedAt: string;
}

/** Writes an export that an organisation asked for; its record has become `ready` or `failed` when the last attempt is over. */
export const WRITE_EXPORT = defineJob<{ archiveId: string; tenantId: string }>({
  name: 'write-export',
  attempts: 4,
  pauseSeconds: 5,
  timeoutSeconds: 3_600,
});

/** Hears how many rows were carried, of how many in the tables that were begun. */
export type OnRows = (done: number, total: number) => void;

/** What the job is told. */
export interface CloneOrder {
  tenantId: string;
  wanted: NewTenant;
}

/** Once: what died on the way is removed as an abandoned sign-up is, and its slug is free again. */
export const CLONE_TENANT = defineJob<CloneOrder, { tenantId: string }>({
  name: 'clone-tenant',
  attempts: 1,
  timeoutSeconds: 21_600,
  concurrency: 1,
});
