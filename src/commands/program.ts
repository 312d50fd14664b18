import { Command } from 'commander';
import { PRODUCT_VERSION } from '../platform/config/version.ts';
import { noteAct } from './acts.ts';
import { registerArchiveCommands } from './archive.commands.ts';
import { registerClusterCommands } from './cluster.commands.ts';
import { registerFleetCommands } from './fleet.commands.ts';
import { registerInstallationCommands } from './installation.commands.ts';
import { registerKeyCommands } from './key.commands.ts';
import { registerLifecycleCommands } from './lifecycle.commands.ts';
import { registerMigrationCommands, type Migrations } from './migration.commands.ts';
import { registerOperatorCommands } from './operator.commands.ts';
import { registerOrphanCommands } from './orphan.commands.ts';
import { registerTakeoverCommands } from './takeover.commands.ts';
import { registerTenantCommands } from './tenant.commands.ts';
import { registerUserCommands } from './user.commands.ts';

/** For whoever only looks at the commands, or runs those that need none. */
const NO_MIGRATIONS: Migrations = { tenant: [], registry: [], cluster: [] };

/** All commands. Each is declared in acts.ts as one that reads or one that is put on record. */
export function buildProgram(migrations: Migrations = NO_MIGRATIONS): Command {
  const program = new Command('projectflow')
    .description(
      "The operators' commands. Exit code 0: done; 1: failed, or some of it failed; 2: the command was not understood.",
    )
    .version(PRODUCT_VERSION)
    .option('--json', 'print one JSON document and nothing else on standard output')
    .showHelpAfterError()
    .exitOverride()
    .hook('preAction', (_, command) => noteAct(command));
  registerTenantCommands(program);
  registerLifecycleCommands(program);
  registerArchiveCommands(program);
  registerOrphanCommands(program);
  registerFleetCommands(program);
  registerClusterCommands(program);
  registerInstallationCommands(program);
  registerTakeoverCommands(program, migrations.registry);
  registerKeyCommands(program);
  registerOperatorCommands(program);
  registerUserCommands(program);
  registerMigrationCommands(program, migrations);
  return program;
}
