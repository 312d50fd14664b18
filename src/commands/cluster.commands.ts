import type { Command } from 'commander';
import { ClustersService, type ClusterChanges, type NewCluster } from '../clusters/clusters.service.ts';
import { commaList, wholeNumber } from './options.ts';
import { isJson, print, table } from './output.ts';
import { withApp } from './with-app.ts';

const capacity = wholeNumber(1, 1_000_000);

/** The databases that tenants live in. */
export function registerClusterCommands(program: Command): void {
  const cluster = program.command('cluster').description('databases that tenants live in');

  cluster
    .command('list')
    .description('list them with their load, and whether each answers')
    .action(async () => {
      const clusters = await withApp((app) => app.get(ClustersService).listWithHealth());
      const rows = clusters.map((one) => [
        one.name,
        one.region ?? '',
        one.plans.length === 0 ? 'all' : one.plans.join(','),
        `${one.tenants}/${one.capacity}`,
        one.dedicated ? 'dedicated' : one.accepts ? 'open' : 'closed',
        one.hasReplica ? 'yes' : '',
        one.answers ? 'yes' : `no, since ${one.awaySince?.toISOString() ?? 'now'}: ${one.reason}`,
      ]);
      const header = ['NAME', 'REGION', 'PLANS', 'TENANTS', 'NEW ONES', 'REPLICA', 'ANSWERS'];
      print(clusters, table(header, rows), isJson(program));
    });

  cluster
    .command('add <name>')
    .description('add a database: it is prepared now, and nothing is kept when that fails')
    .requiredOption('--url <url>', 'owner login, postgres://user:password@host:5432/database; kept encrypted')
    .option('--replica-url <url>', 'a streaming replica, for reads of figures')
    .option('--region <region>', 'where it stands')
    .option('--plans <plans>', 'only tenants of these plans, with commas', commaList)
    .option('--capacity <n>', 'tenants that it is meant for', capacity)
    .option('--dedicated', 'kept for one tenant, which is put there by name')
    .action(async (name: string, options: Omit<NewCluster, 'name'>) => {
      const added = await withApp((app) => app.get(ClustersService).add({ name, ...options }));
      print(added, `${name} is ready.`, isJson(program));
    });

  cluster
    .command('change <name>')
    .description('change what is given; with a new address, it is reached there first')
    .option('--url <url>', 'owner login')
    .option('--replica-url <url>', 'a streaming replica')
    .option('--region <region>', 'where it stands')
    .option('--plans <plans>', 'only new tenants of these plans, with commas', commaList)
    .option('--capacity <n>', 'tenants that it is meant for', capacity)
    .option('--open', 'new tenants may be placed there')
    .option('--closed', 'no new tenants are placed there')
    .action(
      async (name: string, { open, closed, ...changes }: ClusterChanges & { open?: boolean; closed?: boolean }) => {
        const accepts = open ? true : closed ? false : undefined;
        const changed = await withApp((app) => app.get(ClustersService).change(name, { ...changes, accepts }));
        print(changed, `${name} is changed.`, isJson(program));
      },
    );

  cluster
    .command('remove <name>')
    .description('take a database out of use; refused while tenants live there')
    .action(async (name: string) => {
      await withApp((app) => app.get(ClustersService).remove(name));
      print({ name, removed: true }, `${name} is no longer used.`, isJson(program));
    });
}
