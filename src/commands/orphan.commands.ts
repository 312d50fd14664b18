import type { Command } from 'commander';
import { AdoptionService, type Adoption } from '../fleet/adoption.service.ts';
import { OperatorError } from '../platform/errors/app-error.ts';
import { uuid } from './options.ts';
import { isJson, print } from './output.ts';
import { describe } from './tenant.commands.ts';
import { withApp } from './with-app.ts';

/** Schemas that no tenant knows. */
export function registerOrphanCommands(program: Command): void {
  const tenant = program.commands.find((command) => command.name() === 'tenant')!;

  tenant
    .command('adopt <schema>')
    .description('make the registry row of a schema anew, whether it was set aside by the doctor or not')
    .requiredOption('--slug <slug>', 'name of the organisation in addresses')
    .requiredOption('--cluster <name>', 'the database that the schema is in')
    .option('--name <name>', 'name of the organisation; what the schema says of itself when not given')
    .option('--plan <plan>', 'what it may use; what the schema says of itself when not given')
    .option('--id <id>', 'the id that the tenant had; what the schema says of itself when not given', uuid)
    .option('--as-new', 'under a new id: a copy of a tenant that is there becomes one of its own')
    .option('--reset-secrets', 'give up what only the old id opens')
    .option('--force', 'although the schema differs from what its migrations make')
    .action(async (schema: string, options: Omit<Adoption, 'schema'>) => {
      const { tenant: adopted, lost } = await withApp((app) => app.get(AdoptionService).adopt({ schema, ...options }));
      const lines = [
        `${adopted.slug} is active, in ${adopted.binding.schema} on ${adopted.binding.cluster}.`,
        ...lost.map((what) => `Lost with its old row: ${what}.`),
        'Its domains are to be claimed anew. Look at it: projectflow tenant doctor',
      ];
      print({ ...describe(adopted), lost }, lines, isJson(program));
    });

  tenant
    .command('drop-orphan <schema>')
    .description('remove a schema that no tenant knows, for good, with everything in it')
    .requiredOption('--confirm <schema>', 'its name again')
    .option('--cluster <name>', 'the database that it is in; looked for on all of them when not given')
    .action(async (schema: string, { confirm, cluster }: { confirm: string; cluster?: string }) => {
      if (confirm !== schema)
        throw new OperatorError(`To remove ${schema} for good, confirm with its name: --confirm ${schema}`);
      const dropped = await withApp((app) => app.get(AdoptionService).drop(schema, cluster));
      const people = dropped.users === null ? '' : `, with ${dropped.users} people`;
      print({ schema, ...dropped }, `${schema} on ${dropped.cluster} is gone${people}.`, isJson(program));
    });
}
