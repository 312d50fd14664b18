import { Injectable } from '@nestjs/common';
import type pg from 'pg';

const SAMPLES = 5;
/** The latency of an empty statement may rise tenfold, and never counts below this. */
const TOLERATED_FACTOR = 10;
const TOLERATED_MS = 250;

/** Feels how a server bears the load of a run: replicas that fall behind, and statements that take longer than at its beginning. */
@Injectable()
export class FleetPressure {
  /** @returns a question to be asked every second or so: whether to pause */
  watch(pools: () => pg.Pool[], maxLag: number): () => Promise<boolean> {
    const calm: number[] = [];
    return async () => {
      const felt = await Promise.all(pools().map((pool) => feel(pool)));
      const latency = Math.max(0, ...felt.map((each) => each.latency));
      const usual = [...calm].sort((a, b) => a - b)[Math.floor(calm.length / 2)] ?? 0;
      const slow = latency > Math.max(TOLERATED_MS, TOLERATED_FACTOR * usual);
      // Or a server that suffers from the beginning would soon pass for a calm one.
      if (calm.length < SAMPLES && !slow) calm.push(latency);
      return slow || felt.some((each) => each.lag > maxLag);
    };
  }
}

/** Latency in milliseconds; lag of the replica that is furthest behind in seconds. */
async function feel(pool: pg.Pool): Promise<{ latency: number; lag: number }> {
  const client = await pool.connect();
  try {
    const started = performance.now();
    await client.query('SELECT 1');
    const latency = performance.now() - started;
    const { rows } = await client.query<{ lag: number }>(
      'SELECT coalesce(max(extract(epoch FROM replay_lag)), 0)::float8 AS lag FROM pg_stat_replication',
    );
    return { latency, lag: rows[0]!.lag };
  } finally {
    client.release();
  }
}
