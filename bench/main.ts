import 'reflect-metadata';
import { Command } from 'commander';
import { measureBoot } from './boot.ts';
import { measureHomes, type HomesOptions } from './homes.ts';
import { measureHttp, type HttpOptions } from './http.ts';
import { servePlain } from './plain-server.ts';
import { measureConnections, type ConnectionsOptions } from './connections.ts';
import { measureMigrate } from './migrate.ts';
import { measureNoisy, type NoisyOptions } from './noisy.ts';
import { measureProvision } from './provision.ts';
import { report } from './report.ts';
import { measureSchemas } from './schemas.ts';
import { measureTenancy } from './tenancy.ts';
import { measureThroughput, type ThroughputOptions } from './throughput.ts';
import { serveWork } from './work-server.ts';
import { measureWork, type WorkOptions } from './work.ts';

const KEEP = 'data folder that is made when missing and used again by the next run';

/**
 * Benchmarks: ours beside the plain way, in one run on one machine, because absolute times say little on a shared one.
 * Never part of the tests.
 */
const program = new Command('bench').description(
  'measure ours side by side with the plain way; writes JSON to bench/results/',
);

program
  .command('tenancy')
  .description('memory and time of a tenant handle, and connections, against a DataSource per tenant')
  .option('--tenants <n>', 'tenants with a schema of their own', Number, 150)
  .action(async ({ tenants }: { tenants: number }) => report('tenancy', await measureTenancy(tenants)));

program
  .command('boot')
  .description('from starting the process on an existing database to the first answer')
  .option('--runs <n>', 'how often', Number, 5)
  .action(async ({ runs }: { runs: number }) => report('boot', await measureBoot(runs)));

program
  .command('schemas')
  .description('what more schemas in one database cost: making, first touch, steady work, catalogue, crash recovery')
  .option('--steps <list>', 'numbers of tenants, with commas', '1000,2000,5000,10000')
  .option('--data <dir>', KEEP)
  .action(async ({ steps, data }: { steps: string; data?: string }) =>
    report('schemas', await measureSchemas(steps.split(',').map(Number), data)),
  );

program
  .command('throughput')
  .description('one row by its key, for tenants picked by chance: isolated, bare, and with a DataSource per tenant')
  .option('--tenants <n>', 'tenants with a schema of their own', Number, 1_000)
  .option('--in-flight <n>', 'reads at the same time', Number, 20)
  .option('--rounds <n>', 'rounds, all sides in each', Number, 5)
  .option('--seconds <n>', 'length of a round for each side', Number, 5)
  .option('--warm-up <n>', 'reads before, in multiples of the tenants', Number, 5)
  .option('--data <dir>', KEEP)
  .action(async (options: ThroughputOptions) => report('throughput', await measureThroughput(options)));

program
  .command('http')
  .description('one task and a list of 20 over HTTP: the product beside bare Fastify and pg')
  .option('--tenants <n>', 'tenants with a schema of their own', Number, 200)
  .option('--in-flight <n>', 'requests at the same time', Number, 16)
  .option('--rounds <n>', 'rounds, both sides in each', Number, 5)
  .option('--seconds <n>', 'length of a round for each side', Number, 4)
  .option('--data <dir>', KEEP)
  .action(async (options: HttpOptions) => report('http', await measureHttp(options)));

program
  .command('work')
  .description('the work on tasks over HTTP, in a backlog of 100,000: the product beside bare Fastify and pg')
  .option('--in-flight <n>', 'requests at the same time', Number, 16)
  .option('--rounds <n>', 'rounds, both sides in each', Number, 5)
  .option('--seconds <n>', 'length of a round for each side', Number, 4)
  .option('--data <dir>', KEEP)
  .action(async (options: WorkOptions) => report('work', await measureWork(options)));

program
  .command('provision')
  .description('claiming a ready schema, making one in line, and the bare DDL')
  .option('--rounds <n>', 'how often each', Number, 60)
  .option('--data <dir>', KEEP)
  .action(async ({ rounds, data }: { rounds: number; data?: string }) =>
    report('provision', await measureProvision(rounds, data)),
  );

program
  .command('migrate')
  .description('bringing a fleet two migrations forward, by the engine and by bare SQL')
  .option('--tenants <n>', 'tenants with a schema of their own', Number, 500)
  .option('--data <dir>', KEEP)
  .action(async ({ tenants, data }: { tenants: number; data?: string }) =>
    report('migrate', await measureMigrate(tenants, data)),
  );

program
  .command('noisy')
  .description('what tenants feel of one that has ten times their load')
  .option('--tenants <n>', 'tenants with a schema of their own', Number, 20)
  .option('--rate <n>', 'requests a second of each', Number, 1)
  .option('--rounds <n>', 'rounds, with and without the noise in each', Number, 4)
  .option('--seconds <n>', 'length of a round', Number, 6)
  .option('--data <dir>', KEEP)
  .action(async (options: NoisyOptions) => report('noisy', await measureNoisy(options)));

program
  .command('memory')
  .description('a connection kept open by every tenant: memory, answers, and the start of the process')
  .option('--tenants <n>', 'tenants with a schema of their own', Number, 1_000)
  .option('--rate <n>', 'requests a second', Number, 200)
  .option('--seconds <n>', 'how long', Number, 20)
  .option('--data <dir>', KEEP)
  .action(async (options: ConnectionsOptions) => report('memory', await measureConnections(options)));

program
  .command('homes')
  .description('how many homes, how much of one a tenant may take, when a connection is replaced')
  .option('--tenants <n>', 'tenants with a schema of their own', Number, 1_000)
  .option('--seconds <n>', 'length of each load', Number, 5)
  .option('--data <dir>', KEEP)
  .action(async (options: HomesOptions) => report('homes', await measureHomes(options)));

program
  .command('plain-server', { hidden: true })
  .action(() => servePlain(process.env['DATABASE_URL']!, Number(process.env['PORT'])));

program
  .command('work-server', { hidden: true })
  .action(() =>
    serveWork(process.env['DATABASE_URL']!, Number(process.env['TENANT_CONNECTIONS']), Number(process.env['PORT'])),
  );

await program.parseAsync();
