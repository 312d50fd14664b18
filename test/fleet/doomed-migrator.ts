/**
 * Brings the fleet to the next release or back, in a process of its own that a test kills or interrupts while it does.
 * It waits for a line `migrate` or `revert` first. Started with plain node, which strips types and knows no decorators:
 * the product comes from dist, and only as much of it as the work needs.
 */
import { once } from 'node:events';
import type { FleetWork } from '../../src/fleet/fleet.types.ts';
import type * as ClustersFile from '../../src/platform/database/clusters.ts';
import type * as PrepareFile from '../../src/platform/database/prepare-database.ts';
import type * as FleetFile from '../../src/fleet/fleet.service.ts';
import type * as PressureFile from '../../src/fleet/fleet-pressure.service.ts';
import type * as SchemasFile from '../../src/platform/database/schema-manager.ts';
import type * as MigrationsFile from '../../src/platform/database/schema-migrations.ts';
import type * as ScriptFile from '../../src/platform/database/tenant-script.ts';
import type * as SeedFile from '../../seeds/tenant-seed.ts';
import { nextRelease, PRODUCT } from './releases.ts';

const product = new URL('../../dist/', import.meta.url);
const load = <T>(file: string): Promise<T> => import(new URL(file, product).href) as Promise<T>;

await import('reflect-metadata');
const { default: pino } = await import('pino');
const { Clusters } = await load<typeof ClustersFile>('src/platform/database/clusters.js');
const { prepareDatabase } = await load<typeof PrepareFile>('src/platform/database/prepare-database.js');
const { SchemaManager } = await load<typeof SchemasFile>('src/platform/database/schema-manager.js');
const { SchemaMigrations } = await load<typeof MigrationsFile>('src/platform/database/schema-migrations.js');
const { TenantScript } = await load<typeof ScriptFile>('src/platform/database/tenant-script.js');
const { FleetService } = await load<typeof FleetFile>('src/fleet/fleet.service.js');
const { FleetPressure } = await load<typeof PressureFile>('src/fleet/fleet-pressure.service.js');
const { tenantSeed } = await load<typeof SeedFile>('seeds/tenant-seed.js');
const { registryMigrations } = await load<{ registryMigrations: [] }>('migrations/registry/index.js');
const { clusterMigrations } = await load<{ clusterMigrations: [] }>('migrations/cluster/index.js');

const log = pino({ level: 'silent' });
const prepared = await prepareDatabase({
  url: process.env['DATABASE_URL']!,
  encryptionKey: process.env['ENCRYPTION_KEY']!,
  tenantRoles: true,
  homes: 2,
  migrations: { registry: registryMigrations, cluster: clusterMigrations },
});
const onlyMain = {
  addressOf: () => Promise.resolve(null),
  listNames: () => Promise.resolve(['main']),
  listAccepting: () => Promise.resolve(['main']),
};
const clusters = new Clusters(prepared, null, onlyMain, () => Promise.reject(new Error('one cluster')), log);
const script = await TenantScript.record(nextRelease, tenantSeed);
const schemas = new SchemaManager(clusters, script, 2);
const migrations = new SchemaMigrations(clusters, script);
// Its registry is for the status, which nobody asks for.
const fleet = new FleetService(null as never, clusters, schemas, migrations, new FleetPressure(), log);

process.stdout.write('ready\n');
const [order] = (await once(process.stdin, 'data')) as [Buffer];
const work: FleetWork = order.toString().trim() === 'revert' ? { kind: 'revert', to: PRODUCT } : { kind: 'migrate' };
const outcome = await fleet.run({
  work,
  concurrency: 2,
  maxFailures: 20,
  maxLag: 10,
  onProgress: ({ done }) => process.stdout.write(`done ${done}\n`),
});
process.stdout.write(`${JSON.stringify(outcome)}\n`);
process.exit(0);
