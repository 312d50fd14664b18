import pg from 'pg';
import type { HomeOptions } from '../src/platform/database/tenant-homes.ts';
import { CONNECTIONS, HOMES, type BenchEngine } from './engine.ts';
import { idOf, TASKS, type FleetTenant } from './fleet.ts';

export const READ_TASK = 'SELECT id, title, status, priority, version FROM "@tenant".tasks WHERE id = $1';

/** One way to read a task of a tenant. */
export interface Side {
  read(tenant: FleetTenant): Promise<void>;
  close(): Promise<void>;
}

export function taskOf({ binding }: FleetTenant): string {
  return idOf(binding.schema, `task ${Math.floor(Math.random() * TASKS)}`);
}

/** The product's way: handle, lease, home, role. */
export async function isolated(engine: BenchEngine, options: Partial<HomeOptions> = {}): Promise<Side> {
  const { homes, handles } = await engine.serve(options);
  return {
    read: async (tenant) => {
      const rows = await (await handles.get(tenant.binding)).query<unknown[]>(READ_TASK, [taskOf(tenant)]);
      if (rows.length !== 1) throw new Error('the task is not there');
    },
    close: () => homes.close(),
  };
}

/** One pool with one login that may read everything; the schema is put into the text. */
export async function sharedPool(url: string): Promise<Side> {
  const pool = bare(url, CONNECTIONS, 'bare shared');
  return { read: (tenant) => readBare(pool, tenant), close: () => pool.end() };
}

/** As many pools as there are homes, the same login for all: what isolation costs beyond them. */
export async function bareHomes(url: string, homes = HOMES): Promise<Side> {
  const pools = Array.from({ length: homes }, () => bare(url, CONNECTIONS / homes, 'bare homes'));
  return {
    read: (tenant) => readBare(pools[tenant.binding.home]!, tenant),
    close: async () => void (await Promise.all(pools.map((pool) => pool.end()))),
  };
}

function bare(url: string, max: number, name: string): pg.Pool {
  // Never closed for being idle: while the others have their turn, it would forget what it has warmed up.
  const pool = new pg.Pool({ connectionString: url, max, idleTimeoutMillis: 0, application_name: name });
  pool.on('error', () => undefined);
  return pool;
}

async function readBare(pool: pg.Pool, tenant: FleetTenant): Promise<void> {
  const text = READ_TASK.replaceAll('"@tenant"', `"${tenant.binding.schema}"`);
  const { rows } = await pool.query(text, [taskOf(tenant)]);
  if (rows.length !== 1) throw new Error('the task is not there');
}
