import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { OperatorError } from '../errors/app-error.ts';
import { sqlState } from './database-problem.ts';

/**
 * Which registry this is: a copy of it, in another database or on another server, has the same rows and must not act on
 * the same clusters. Kept in the registry, and in every other cluster as that of the registry that it obeys.
 */
export interface Incarnation {
  /** Of the server, as initdb made it; null where the owner may not read it. A physical standby has the same. */
  system: string | null;
  /** The oid of the database. */
  database: string;
  /** Made at the first start and by each `installation adopt`. */
  id: string;
  /** Minutes since 1970 when background work last ran: it tells a registry that was restored from one that goes on. */
  beat: number;
}

/** A registry may lose the last minutes at a failover without being taken for a copy. */
export const BEATS_APART = 5;
const GLANCE_MS = 5_000;
const WAY_OUT =
  'If it is to take the place of the original: projectflow installation adopt --confirm. If it is a drill: docs/restore-drill.md.';

export const INCARNATION = 'incarnation';
/** The key of the same in a cluster's `platform.settings`. */
export const OBEYS = 'registry';

/** Where a database is now. */
export async function placeOf(owner: pg.ClientBase): Promise<Pick<Incarnation, 'system' | 'database'>> {
  const { rows } = await owner.query<{ database: string }>(
    'SELECT oid::text AS database FROM pg_database WHERE datname = current_database()',
  );
  const system = await owner
    .query<{ system: string }>('SELECT system_identifier::text AS system FROM pg_control_system()')
    .then(
      ({ rows: [control] }) => control!.system,
      (error: unknown) => {
        // Not for this owner, or a server that has no such function.
        if (sqlState(error) !== undefined) return null;
        throw error;
      },
    );
  return { system, database: rows[0]!.database };
}

/** Null before the first start. */
export async function readIncarnation(owner: pg.ClientBase): Promise<Incarnation | null> {
  return read(owner, 'public.system_settings', INCARNATION);
}

/** What a cluster obeys; null when it never obeyed any. */
export async function readObeyed(owner: pg.ClientBase): Promise<Incarnation | null> {
  return read(owner, 'platform.settings', OBEYS);
}

/**
 * Before anything is changed.
 *
 * @throws OperatorError when the registry is a copy that lies elsewhere than the one that it was copied from
 */
export async function demandOriginal(owner: pg.ClientBase): Promise<void> {
  const known = await readIncarnation(owner);
  if (!known) return;
  const here = await placeOf(owner);
  const sameSystem = known.system === null || here.system === null || known.system === here.system;
  if (sameSystem && known.database === here.database) return;
  throw new OperatorError(
    `The registry in this database is a copy: the original is database ${known.database} of server ${known.system ?? '?'}, and this is database ${here.database} of server ${here.system ?? '?'}. ` +
      `Its background work would act on the databases and files of the original. ${WAY_OUT}`,
  );
}

/** Of the registry, made at the first start. */
export async function settleIncarnation(owner: pg.ClientBase): Promise<Incarnation> {
  const made: Incarnation = { ...(await placeOf(owner)), id: randomUUID(), beat: 0 };
  await owner.query('INSERT INTO public.system_settings (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    INCARNATION,
    JSON.stringify(made),
  ]);
  return (await readIncarnation(owner))!;
}

/**
 * Before anything is changed in the cluster.
 *
 * @throws OperatorError when it obeys another registry, or has seen a newer state of this one
 */
export async function demandObedience(cluster: pg.ClientBase, name: string, registry: Incarnation): Promise<void> {
  const problem = disobedience(name, await readObeyed(cluster), registry);
  if (problem !== null) throw new OperatorError(problem);
}

/** From now on it obeys this registry, unless it obeys one already. */
export async function settleObedience(cluster: pg.ClientBase, registry: Incarnation): Promise<void> {
  await cluster.query('INSERT INTO platform.settings (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    OBEYS,
    JSON.stringify(registry),
  ]);
}

/**
 * A look at the clusters at the start, before any work begins: one glance each, side by side. One that does not answer is
 * asked again when it is opened.
 *
 * @throws OperatorError
 */
export async function demandAllObey(clusters: { name: string; url: string }[], registry: Incarnation): Promise<void> {
  const problems = await Promise.all(
    clusters.map(async ({ name, url }) => {
      const client = new pg.Client({
        connectionString: url,
        connectionTimeoutMillis: GLANCE_MS,
        query_timeout: GLANCE_MS,
        application_name: 'projectflow prepare',
      });
      client.on('error', () => undefined);
      try {
        await client.connect();
        return disobedience(name, await readObeyed(client), registry);
      } catch {
        return null;
      } finally {
        void client.end().catch(() => undefined);
      }
    }),
  );
  const found = problems.find((problem) => problem !== null);
  if (found) throw new OperatorError(found);
}

/** The registry's incarnation and its other clusters, whose addresses are sealed, read by a connection of its own. */
export async function readClusters(
  ownerUrl: string,
): Promise<{ incarnation: Incarnation; clusters: { name: string; url: string }[] }> {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'projectflow prepare' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; url: string }>(
      'SELECT name, url FROM public.clusters WHERE url IS NOT NULL',
    );
    return { incarnation: (await readIncarnation(client))!, clusters: rows };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The present minute, which every beat writes. */
export const THIS_MINUTE = `floor(extract(epoch FROM now()) / 60)::bigint`;

/** What keeps a registry from acting on a cluster; null when nothing does. */
export function disobedience(name: string, obeyed: Incarnation | null, registry: Incarnation): string | null {
  if (obeyed === null) return null;
  if (obeyed.id !== registry.id)
    return (
      `The cluster ${name} belongs to another incarnation of this registry (${obeyed.id}; this one is ${registry.id}): ` +
      `this registry is a copy, or another one has taken its place, or the cluster was restored from a backup of before that. ${WAY_OUT}`
    );
  const behind = obeyed.beat - registry.beat;
  if (behind <= BEATS_APART) return null;
  return (
    `The cluster ${name} has seen this registry as it was ${behind} minutes later: the registry was restored from a backup, or is a copy. ` +
    `Organisations may have signed up, moved or left since. ${WAY_OUT}`
  );
}

async function read(owner: pg.ClientBase, table: string, key: string): Promise<Incarnation | null> {
  const { rows: tables } = await owner.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    table,
  ]);
  if (!tables[0]!.there) return null;
  const { rows } = await owner.query<{ value: Incarnation }>(`SELECT value FROM ${table} WHERE key = $1`, [key]);
  return rows[0]?.value ?? null;
}
