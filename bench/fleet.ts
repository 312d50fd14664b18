import { createHash } from 'node:crypto';
import pg from 'pg';
import type { TenantBinding } from '../src/platform/database/lease.ts';
import type { BenchEngine } from './engine.ts';
import { inParallel } from './load.ts';
import { progress } from './progress.ts';

export const TASKS = 25;
const BUILDERS = 3;

/** A tenant with an owner who is signed in, a project and some tasks. */
export interface FleetTenant {
  id: string;
  slug: string;
  binding: TenantBinding;
}

/** Known without asking: of one schema always the same. Looks like a random UUID. */
export function idOf(schema: string, what: string): string {
  const hex = createHash('md5').update(`${schema} ${what}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/**
 * The first `count` tenants of the database; those that are missing are made, several at a time.
 */
export async function ensureFleet(engine: BenchEngine, count: number, builders = BUILDERS): Promise<FleetTenant[]> {
  const found = await readFleet(engine.owner, count);
  const missing = Array.from({ length: count - found.length }, (_, i) => found.length + i);
  if (missing.length === 0) return found;
  const schemas = await engine.schemas();
  const bar = progress('making tenants', missing.length);
  // Replaced often: a backend keeps a plan for every foreign key that it has checked, and goes through all of them at
  // each change of a catalogue. Three that had filled 3,000 tenants each took twenty times as long for the next one.
  const filler = new pg.Pool({ connectionString: engine.prepared.ownerUrl, max: builders, maxUses: 50 });
  await inParallel(missing, builders, async (number) => {
    const binding = await schemas.provision();
    await filler.query(filling(number, binding, schemas.version));
    bar.step();
  });
  bar.end();
  await filler.end();
  return readFleet(engine.owner, count);
}

async function readFleet(owner: pg.Pool, count: number): Promise<FleetTenant[]> {
  const { rows } = await owner.query<TenantBinding & { id: string; slug: string }>(
    `SELECT id, slug, cluster, schema_name AS schema, role_name AS role, home FROM public.tenants
      WHERE slug LIKE 'bench-%' ORDER BY slug LIMIT $1`,
    [count],
  );
  return rows.map(({ id, slug, cluster, schema, role, home }) => ({
    id,
    slug,
    binding: { cluster, schema, role, home },
  }));
}

/** One text, so one transaction: the tenant is there with all it has, or not at all. */
function filling(number: number, { schema, role, home }: TenantBinding, version: number): string {
  const user = idOf(schema, 'user');
  const project = idOf(schema, 'project');
  const tasks = Array.from(
    { length: TASKS },
    (_, i) =>
      `('${idOf(schema, `task ${i}`)}', '${project}', 'Task ${i}', 'What is to be done in task ${i}, in a sentence or two.',
        'todo', 'todo', 'medium', '${user}', now() - interval '${i} minutes', 'v${String(i).padStart(6, '0')}')`,
  );
  return `SET LOCAL synchronous_commit = off;
    DELETE FROM public.ready_schemas WHERE schema_name = '${schema}';
    INSERT INTO public.tenants (id, slug, name, status, plan, schema_name, role_name, home, schema_version)
      VALUES ('${idOf(schema, 'tenant')}', 'bench-${String(number).padStart(6, '0')}', 'Bench ${number}', 'active', 'enterprise', '${schema}', '${role}', ${home}, ${version});
    INSERT INTO ${schema}.users (id, email, first_name, last_name, role_ids)
      SELECT '${user}', 'owner@bench.test', 'Ada', 'Bench', ARRAY[id] FROM ${schema}.roles WHERE key = 'owner';
    INSERT INTO ${schema}.sessions (id, user_id, expires_at) VALUES ('${idOf(schema, 'session')}', '${user}', now() + interval '10 years');
    INSERT INTO ${schema}.projects (id, name, status, owner_id) VALUES ('${project}', 'Apollo', 'active', '${user}');
    INSERT INTO ${schema}.project_members (project_id, member_id, role) VALUES ('${project}', '${user}', 'manager');
    INSERT INTO ${schema}.tasks (id, project_id, title, description, status, status_category, priority, reporter_id, created_at, position)
      VALUES ${tasks.join(', ')}`;
}

/** Spreads the tenants evenly over another number of homes: rows and grants together, as one transaction per home. */
export async function rehome(engine: BenchEngine, tenants: FleetTenant[], homes: number): Promise<FleetTenant[]> {
  const moved = tenants.map((tenant, i) => ({ ...tenant, binding: { ...tenant.binding, home: i % homes } }));
  const client = await engine.owner.connect();
  try {
    const groups = Map.groupBy(
      moved.map((tenant, i) => ({ tenant, from: tenants[i]!.binding.home })),
      ({ tenant, from }) => `${from}>${tenant.binding.home}`,
    );
    for (const group of groups.values()) {
      const from = group[0]!.from;
      const to = group[0]!.tenant.binding.home;
      if (from === to) continue;
      const roles = group.map(({ tenant }) => `"${tenant.binding.role}"`).join(', ');
      await client.query(`REVOKE ${roles} FROM "${engine.prepared.homeLogin(from)}";
        GRANT ${roles} TO "${engine.prepared.homeLogin(to)}" WITH INHERIT FALSE, SET TRUE;
        UPDATE public.tenants SET home = ${to}
         WHERE schema_name IN (${group.map(({ tenant }) => `'${tenant.binding.schema}'`).join(', ')})`);
    }
  } finally {
    client.release();
  }
  return moved;
}
