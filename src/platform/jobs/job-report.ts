import type pg from 'pg';
import { registryReader, type ListReader, type ListSource } from '../database/keyset.ts';
import { JOBS_SCHEMA } from './install-jobs.ts';
import type { JobReport, JobState } from './job.ts';

/** What we keep in pg-boss' column `output`: while an attempt runs, after it failed, and once the job is done. */
export interface JobOutput {
  progress?: { done: number; total: number } | null;
  error?: string;
  result?: unknown;
  /** pg-boss' own words, where it ended the attempt. */
  value?: { message?: string };
}

export interface JobRow {
  id: string;
  name: string;
  group_id: string | null;
  state: 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed';
  retry_count: number;
  output: JobOutput | null;
  created_on: Date;
  started_on: Date | null;
  completed_on: Date | null;
}

export const JOB_COLUMNS =
  'j.id, j.name, j.group_id, j.state, j.retry_count, j.output, j.created_on, j.started_on, j.completed_on';

/** The same as stateOf(), for the database. */
const STATE = `CASE WHEN j.state = 'active' THEN 'running' WHEN j.state = 'completed' THEN 'done'
  WHEN j.state IN ('failed', 'cancelled') THEN 'dead'
  WHEN j.state = 'retry' AND j.output IS NOT NULL THEN 'failed' ELSE 'queued' END`;

export const LISTED_JOBS: ListSource = {
  select: JOB_COLUMNS,
  from: `${JOBS_SCHEMA}.job j WHERE true`,
  parameters: [],
  columns: {
    state: { sql: STATE, type: 'text' },
    name: { sql: 'j.name', type: 'text' },
    tenantId: { sql: 'j.group_id', type: 'text' },
    createdAt: { sql: 'j.created_on', type: 'timestamptz' },
  },
  id: { sql: 'j.id', type: 'uuid' },
};

export function poolReader(pool: pg.Pool): ListReader {
  return registryReader({ query: async (sql, parameters) => (await pool.query<object>(sql, parameters)).rows });
}

export const UNEXPECTED = 'Something went wrong on our side. The id of the job helps us to find it.';

/** Why pg-boss ended an attempt by itself, in words for those who wait. */
const ENDED: Record<string, string> = {
  'job timed out': 'It took too long.',
  'job heartbeat timeout': 'The process that worked on it is gone.',
};

export function toReport(row: JobRow): JobReport {
  const { output } = row;
  const failed = row.state === 'failed' || (row.state === 'retry' && output !== null);
  return {
    id: row.id,
    name: row.name,
    tenantId: row.group_id,
    state: stateOf(row),
    attempts: row.started_on === null ? 0 : row.retry_count + 1,
    progress: output?.progress ?? null,
    error: failed ? (output?.error ?? ENDED[output?.value?.message ?? ''] ?? UNEXPECTED) : null,
    result: row.state === 'completed' ? (output?.result ?? null) : null,
    createdAt: row.created_on,
    startedAt: row.started_on,
    finishedAt: row.completed_on,
  };
}

function stateOf({ state, output }: JobRow): JobState {
  if (state === 'active') return 'running';
  if (state === 'completed') return 'done';
  if (state === 'failed' || state === 'cancelled') return 'dead';
  // Given back by a process that stopped: nothing failed.
  return state === 'retry' && output !== null ? 'failed' : 'queued';
}
