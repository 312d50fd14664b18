import { randomUUID } from 'node:crypto';
import pg from 'pg';
import {
  OBEYS,
  INCARNATION,
  placeOf,
  readIncarnation,
  readObeyed,
  THIS_MINUTE,
  type Incarnation,
} from './incarnation.ts';

/** Deleted organisations are not purged for as long: those that were brought back since the copy was made are missing in it. */
const GRACE = '7 days';
const PATIENCE_MS = 5_000;

/** A cluster as the registry has it, and what it says of whom it obeys. */
export interface TakenCluster {
  name: string;
  tenants: number;
  state: 'obeys' | 'obeys another' | 'obeys none' | 'does not answer';
  reason?: string;
}

export interface Address {
  name: string;
  url: string;
}

/** What taking over would change. */
export async function lookAround(owner: pg.ClientBase, clusters: Address[]): Promise<TakenCluster[]> {
  const own = await readIncarnation(owner);
  return Promise.all(
    clusters.map(async ({ name, url }): Promise<TakenCluster> => {
      const { rows } = await owner.query<{ tenants: number }>(
        'SELECT count(*)::int AS tenants FROM public.tenants WHERE cluster = $1',
        [name],
      );
      const tenants = rows[0]!.tenants;
      try {
        const obeyed = await connected(url, readObeyed);
        const state = obeyed === null ? 'obeys none' : obeyed.id === own?.id ? 'obeys' : 'obeys another';
        return { name, tenants, state };
      } catch (error) {
        return { name, tenants, state: 'does not answer', reason: (error as Error).message };
      }
    }),
  );
}

/**
 * Makes this registry one of its own, and has the clusters obey it. What an old copy may be wrong about is made harmless:
 * schemas that were ready may have people in them by now, and deleted organisations may have been brought back.
 *
 * @returns names of clusters that did not answer, and so are refused until this is done again
 */
export async function takeOver(owner: pg.ClientBase, clusters: Address[]): Promise<string[]> {
  const incarnation = await renew(owner);
  const missed: string[] = [];
  await Promise.all(
    clusters.map(async ({ name, url }) => {
      try {
        await connected(url, (client) =>
          client.query(
            `INSERT INTO platform.settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
            [OBEYS, JSON.stringify(incarnation)],
          ),
        );
      } catch {
        missed.push(name);
      }
    }),
  );
  return missed;
}

async function renew(owner: pg.ClientBase): Promise<Incarnation> {
  const here = { ...(await placeOf(owner)), id: randomUUID() };
  await owner.query('BEGIN');
  try {
    const { rows } = await owner.query<{ value: Incarnation }>(
      `INSERT INTO public.system_settings (key, value) VALUES ($1, $2::jsonb || jsonb_build_object('beat', ${THIS_MINUTE}))
       ON CONFLICT (key) DO UPDATE SET value = excluded.value RETURNING value`,
      [INCARNATION, JSON.stringify(here)],
    );
    await owner.query(`DELETE FROM public.ready_schemas WHERE state = 'ready'`);
    await owner.query(
      `UPDATE public.tenants SET purge_after = greatest(purge_after, now() + interval '${GRACE}'), purge_started_at = NULL
        WHERE status = 'deleted'`,
    );
    await owner.query('COMMIT');
    return rows[0]!.value;
  } catch (error) {
    await owner.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: PATIENCE_MS,
    query_timeout: PATIENCE_MS,
    application_name: 'projectflow take over',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    void client.end().catch(() => undefined);
  }
}
