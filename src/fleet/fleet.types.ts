import { defineJob } from '../platform/jobs/job.ts';

/** What a run over many tenants does to each of them. */
export type FleetWork = { kind: 'migrate' } | { kind: 'revert'; to: number };

export interface FleetOptions {
  work: FleetWork;
  /** Only these; otherwise everyone whom it concerns. */
  slugs?: string[];
  /** Tenants at a time. */
  concurrency: number;
  /** As many are done first, alone; if one of them fails, the run ends there. */
  canary?: { count: number } | { percent: number };
  /** After so many failures no further tenant is begun. */
  maxFailures: number;
  /** Seconds that a replica may be behind before the run pauses. */
  maxLag: number;
  /** Ends the run after the tenants that are at work. */
  signal?: AbortSignal;
  onProgress?: (progress: FleetProgress) => void;
}

export interface FleetProgress {
  total: number;
  done: number;
  failed: number;
  phase: 'canary' | 'fleet' | 'paused';
}

export interface FleetFailure {
  slug: string;
  error: string;
}

export interface FleetOutcome {
  /** The version that was aimed at. */
  target: number;
  total: number;
  done: number;
  failed: FleetFailure[];
  /** Why it ended before everyone was done; null when it did not. */
  stopped: 'canary' | 'failures' | 'signal' | null;
  /** Left for another run: not begun, or in the hands of another operator. */
  left: number;
  milliseconds: number;
}

export interface FleetStatus {
  wantedVersion: number;
  tenants: number;
  /** Those whom a migration would concern: not who is being made, moved or purged. */
  behind: number;
  groups: { version: number; status: string; cluster: string; tenants: number }[];
  /** Somebody was turned away because they are behind. */
  wanted: number;
  /** In the hands of an operator who is at work now. */
  atWork: number;
  failed: FleetFailure[];
}

/** What the job is told. */
export interface MigrationOrder extends Pick<FleetOptions, 'concurrency' | 'maxFailures' | 'maxLag'> {
  /** As many in a hundred are done first, alone; null: none are. */
  canaryPercent: number | null;
}

export const MIGRATE_FLEET = defineJob<MigrationOrder, FleetOutcome>({
  name: 'migrate-fleet',
  attempts: 3,
  timeoutSeconds: 86_000,
  concurrency: 1,
});

/** The setting that keeps the versions of tenants' schemas of every release that has run here, oldest first. */
export const RELEASES = 'releases';
