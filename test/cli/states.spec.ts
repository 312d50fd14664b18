import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClustersService } from '../../src/clusters/clusters.service.ts';
import { buildProgram } from '../../src/commands/program.ts';
import { runCommandsOn } from '../../src/commands/with-app.ts';
import { MovesService } from '../../src/moves/moves.service.ts';
import { Clusters } from '../../src/platform/database/clusters.ts';
import { SchemaManager } from '../../src/platform/database/schema-manager.ts';
import { AppError, OperatorError } from '../../src/platform/errors/app-error.ts';
import type { Tenant } from '../../src/platform/tenancy/tenant.types.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import { startApp, type TestApp } from '../support/app.ts';
import { bareTenants } from '../support/bare-tenants.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';

let app: TestApp;
let second: TestDatabase;
let gone: TestDatabase;
let folder: string;
let backup: string;
beforeAll(async () => {
  app = await startApp({ settings: { READY_POOL_SIZE: '0', WORKER: 'false' } });
  [second, gone] = [await createDatabase(), await createDatabase()];
  await app.nest.get(ClustersService).add({ name: 'second', url: second.url });
  await app.nest.get(ClustersService).add({ name: 'gone', url: gone.url });
  folder = await mkdtemp(join(tmpdir(), 'projectflow-states-'));
  runCommandsOn(app.nest);
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const [tenant] = (await bareTenants(app, 1)) as [Tenant];
  backup = join(folder, 'backup.pft');
  await run('tenant', 'backup', tenant.slug, '--to', backup);
});
afterAll(async () => {
  jest.restoreAllMocks();
  runCommandsOn(null);
  await rm(folder, { recursive: true, force: true });
  await Promise.all([second.drop(), gone.drop()]);
  await app.stop();
}, 180_000);

const sql = (text: string, values: unknown[] = []) => app.owner.query(text, values);
const set = ({ id }: Tenant, change: string) => sql(`UPDATE public.tenants SET ${change} WHERE id = $1`, [id]);
const tenants = () => app.nest.get(TenantsService);

async function run(...words: string[]): Promise<void> {
  await buildProgram().parseAsync(['node', 'projectflow', ...words]);
  // Of a run over many, which carries on: what failed is printed.
  process.exitCode = undefined;
}

async function bare(cluster = 'main'): Promise<Tenant> {
  return ((await bareTenants(app, 1, cluster)) as [Tenant])[0];
}

async function loseSchema({ binding }: Pick<Tenant, 'binding'>): Promise<void> {
  const { owner } = await app.nest.get(Clusters).get(binding.cluster);
  await owner.query(`DROP SCHEMA "${binding.schema}" CASCADE`);
}

/** As if its server had burnt down. Other tests need it, so it is the address that leads nowhere. */
async function whileGone<T>(work: () => Promise<T>): Promise<T> {
  const clusters = app.nest.get(Clusters);
  const directory = (clusters as unknown as { directory: { addressOf(name: string): Promise<object | null> } })
    .directory;
  const away = new URL(gone.url);
  away.port = String(await freePort());
  const addressOf = directory.addressOf.bind(directory);
  const spy = jest.spyOn(directory, 'addressOf').mockImplementation(async (name) => {
    const address = await addressOf(name);
    return name === 'gone' && address ? { ...address, url: away.toString() } : address;
  });
  await clusters.forget('gone');
  try {
    return await work();
  } finally {
    spy.mockRestore();
    await clusters.forget('gone');
  }
}

interface State {
  make: () => Promise<Tenant>;
  /** Commands that lead from it to a tenant that is served, or null where nobody wants it back. */
  toActive: string[][] | null;
  toGone: string[][];
  clusterGone?: boolean;
}

const RESTORE = ['tenant', 'restore', '@', '--from', '#', '--of-another'];
const DELETE = ['tenant', 'delete', '@'];
const PURGE = ['tenant', 'purge', '@', '--confirm', '@'];
const UNDO = ['tenant', 'move', '@', '--undo'];

const STATES: Record<string, State> = {
  active: { make: () => bare(), toActive: [], toGone: [DELETE, PURGE] },
  suspended: {
    make: async () => tenants().suspend((await bare()).slug),
    toActive: [['tenant', 'resume', '@']],
    toGone: [DELETE, PURGE],
  },
  deleted: {
    make: async () => {
      const tenant = await bare();
      await run('tenant', 'delete', tenant.slug);
      return tenant;
    },
    toActive: [['tenant', 'restore', '@']],
    toGone: [PURGE],
  },
  'a purge that died': {
    make: async () => {
      const tenant = await bare();
      await set(tenant, `status = 'deleted', deleted_at = now(), purge_after = now(), purge_started_at = now()`);
      await loseSchema(tenant);
      return tenant;
    },
    toActive: null,
    toGone: [PURGE],
  },
  'a sign-up at this moment': {
    make: async () => {
      const tenant = await bare();
      await set(tenant, `status = 'provisioning'`);
      return tenant;
    },
    toActive: null,
    toGone: [],
  },
  'a sign-up that died': {
    make: async () => {
      const tenant = await bare();
      await set(tenant, `status = 'provisioning', created_at = now() - interval '2 minutes'`);
      return tenant;
    },
    toActive: null,
    toGone: [PURGE],
  },
  'left in maintenance': {
    make: async () => {
      const tenant = await bare();
      await set(tenant, `status = 'maintenance'`);
      return tenant;
    },
    toActive: [UNDO],
    toGone: [UNDO, DELETE, PURGE],
  },
  'a move that died': {
    make: () => halfMoved(async () => undefined),
    toActive: [UNDO],
    toGone: [UNDO, DELETE, PURGE],
  },
  'a move that died and whose old schema is lost': {
    make: () => halfMoved(loseSchema),
    toActive: [RESTORE],
    toGone: [UNDO, DELETE, PURGE],
  },
  'a move that is not confirmed': {
    make: async () => {
      const { slug } = await bare();
      await app.nest.get(MovesService).move(slug, 'second');
      return tenants().getBySlug(slug);
    },
    toActive: [['tenant', 'move', '@', '--undo', '--force']],
    toGone: [DELETE, PURGE],
  },
  'a move that is not confirmed and whose new schema is lost': {
    make: async () => {
      const { slug } = await bare();
      await app.nest.get(MovesService).move(slug, 'second');
      const tenant = await tenants().getBySlug(slug);
      await loseSchema(tenant);
      return tenant;
    },
    toActive: [['tenant', 'move', '@', '--undo', '--force']],
    toGone: [DELETE, PURGE],
  },
  'a lost schema': {
    make: async () => {
      const tenant = await bare();
      await loseSchema(tenant);
      return tenant;
    },
    toActive: [RESTORE],
    toGone: [DELETE, PURGE],
  },
  'a lost role': {
    make: async () => {
      const tenant = await bare();
      await sql(`DROP OWNED BY "${tenant.binding.role!}"`);
      await sql(`DROP ROLE "${tenant.binding.role!}"`);
      return tenant;
    },
    toActive: [RESTORE],
    toGone: [DELETE, PURGE],
  },
  'a lost cluster': {
    make: () => bare('gone'),
    clusterGone: true,
    toActive: [[...RESTORE, '--cluster', 'second']],
    toGone: [DELETE, [...PURGE, '--cluster-gone']],
  },
  'deleted on a lost cluster': {
    make: async () => {
      const tenant = await bare('gone');
      await run('tenant', 'delete', tenant.slug);
      return tenant;
    },
    clusterGone: true,
    toActive: [
      ['tenant', 'restore', '@'],
      [...RESTORE, '--cluster', 'second'],
    ],
    toGone: [[...PURGE, '--cluster-gone']],
  },
  'left in maintenance on a lost cluster': {
    make: async () => {
      const tenant = await bare('gone');
      await set(tenant, `status = 'maintenance'`);
      return tenant;
    },
    clusterGone: true,
    toActive: [[...RESTORE, '--cluster', 'main']],
    toGone: [UNDO, DELETE, [...PURGE, '--cluster-gone']],
  },
};

async function halfMoved(spoil: (tenant: Tenant) => Promise<void>): Promise<Tenant> {
  const tenant = await bare();
  const target = await app.nest.get(SchemaManager).provisionFor('second', tenant.schemaVersion);
  await sql(
    `INSERT INTO public.tenant_moves (id, tenant_id, reason, from_place, to_place, state, was_status)
     VALUES ($1, $2, 'restore', $3, $4, 'copying', 'active')`,
    [randomUUID(), tenant.id, tenant.binding, target],
  );
  await set(tenant, `status = 'maintenance'`);
  await spoil(tenant);
  return tenant;
}

/** Reading first: what follows a refusal finds the tenant as it was. */
const COMMANDS: string[][] = [
  ['tenant', 'show', '@'],
  ['tenant', 'move', '@'],
  ['user', 'list', '@'],
  ['tenant', 'backup', '@', '--to', '%'],
  ['tenant', 'export', '@', '--to', '%'],
  ['tenant', 'clone', '@', '--slug', '$'],
  ['tenant', 'migrate', '--tenant', '@'],
  ['tenant', 'rename', '@', '--name', 'Another'],
  ['tenant', 'plan', '@', 'pro'],
  ['tenant', 'move', '@', '--confirm'],
  UNDO,
  ['tenant', 'move', '@', '--to', 'second'],
  ['tenant', 'suspend', '@'],
  ['tenant', 'resume', '@'],
  ['tenant', 'restore', '@'],
  RESTORE,
  DELETE,
  PURGE,
];

let count = 0;
const words = (command: string[], { slug }: Pick<Tenant, 'slug'>) =>
  command.map((word) => {
    count += 1;
    return { '@': slug, '#': backup, '%': join(folder, `out-${count}.pft`), $: `clone-${count}-${slug}` }[word] ?? word;
  });

/** @returns the error of a command that was refused, null when it worked */
async function refusal(command: string[], tenant: Tenant): Promise<Error | null> {
  return run(...words(command, tenant)).then(
    () => null,
    (error: Error) => error,
  );
}

const stateOf = async ({ id }: Tenant) =>
  (await sql('SELECT status, slug, schema_name, cluster FROM public.tenants WHERE id = $1', [id])).rows[0] ?? null;

describe.each(Object.entries(STATES))('%s', (_, { make, toActive, toGone, clusterGone }) => {
  const inState = <T>(work: () => Promise<T>) => (clusterGone ? whileGone(work) : work());

  it('answers every command: it works, or is refused with the way out, and leaves nobody without one', async () => {
    let tenant = await make();
    let asked = 0;
    const wrong: string[] = [];
    for (const command of COMMANDS) {
      const before = await stateOf(tenant);
      const error = await inState(() => refusal(command, tenant));
      asked += 1;
      const after = await stateOf(tenant);
      if (error) {
        const known = error instanceof OperatorError || (error instanceof AppError && error.kind !== 'internal');
        const namesWayOut = /projectflow [a-z]+/.test(error.message);
        // Whoever was refused finds the tenant as it was, or taken back to where it is served.
        const leaves = [before?.status, 'active', 'suspended'].includes(after?.status);
        if (!known || !namesWayOut || !leaves)
          wrong.push(`${command.join(' ')} -> ${after?.status}: ${known ? error.message : error.stack}`);
      }
      if (!error || JSON.stringify(after) !== JSON.stringify(before)) tenant = await make();
    }
    expect(wrong).toEqual([]);
    expect(asked).toBe(COMMANDS.length);
  }, 240_000);

  if (toActive)
    it('leads back to a tenant that is served', async () => {
      const tenant = await make();
      await inState(async () => {
        for (const command of toActive) await run(...words(command, tenant));
        const { binding, status } = await tenants().get(tenant.id);
        expect(status).toBe('active');
        const { owner } = await app.nest.get(Clusters).get(binding.cluster);
        const { rows } = await owner.query(`SELECT has_schema_privilege($1, $2, 'USAGE') AS may`, [
          binding.role,
          binding.schema,
        ]);
        expect(rows).toEqual([{ may: true }]);
        await app.nest.get(SchemaManager).versionOf(binding);
      });
    }, 60_000);

  it('leads to a tenant that is gone', async () => {
    if (toGone.length === 0) return expect((await stateOf(await make())).status).toBe('provisioning');
    const tenant = await make();
    await inState(async () => {
      for (const command of toGone) await run(...words(command, tenant));
    });
    expect(await stateOf(tenant)).toBeNull();
  }, 60_000);
});
