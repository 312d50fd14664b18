#!/usr/bin/env node
import 'reflect-metadata';
import { Command, CommanderError } from 'commander';
import { clusterMigrations } from '../migrations/cluster/index.ts';
import { registryMigrations } from '../migrations/registry/index.ts';
import { tenantMigrations } from '../migrations/tenant/index.ts';
import { registerArchiveCommands } from './commands/archive.commands.ts';
import { registerClusterCommands } from './commands/cluster.commands.ts';
import { registerFleetCommands } from './commands/fleet.commands.ts';
import { registerInstallationCommands } from './commands/installation.commands.ts';
import { registerKeyCommands } from './commands/key.commands.ts';
import { registerLifecycleCommands } from './commands/lifecycle.commands.ts';
import { registerMigrationCommands } from './commands/migration.commands.ts';
import { registerOperatorCommands } from './commands/operator.commands.ts';
import { registerOrphanCommands } from './commands/orphan.commands.ts';
import { printFailure } from './commands/output.ts';
import { registerTenantCommands } from './commands/tenant.commands.ts';
import { registerUserCommands } from './commands/user.commands.ts';
import { PRODUCT_VERSION } from './platform/config/version.ts';

const USAGE_ERROR = 2;

const program = new Command('projectflow')
  .description(
    "The operators' commands. Exit code 0: done; 1: failed, or some of it failed; 2: the command was not understood.",
  )
  .version(PRODUCT_VERSION)
  .option('--json', 'print one JSON document and nothing else on standard output')
  .showHelpAfterError()
  .exitOverride();

registerTenantCommands(program);
registerLifecycleCommands(program);
registerArchiveCommands(program);
registerOrphanCommands(program);
registerFleetCommands(program);
registerClusterCommands(program);
registerInstallationCommands(program);
registerKeyCommands(program);
registerOperatorCommands(program);
registerUserCommands(program);
registerMigrationCommands(program, {
  tenant: tenantMigrations,
  registry: registryMigrations,
  cluster: clusterMigrations,
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : USAGE_ERROR;
  else {
    printFailure(error, program.opts<{ json?: boolean }>().json === true);
    // A start that failed half-way may hold connections open; what was printed goes out first.
    process.stdout.write('', () => process.exit(1));
  }
}
