import type { Command } from 'commander';
import { OperatorError } from '../platform/errors/app-error.ts';
import { TenantArchives } from '../archives/tenant-archives.service.ts';
import { MovesService } from '../moves/moves.service.ts';
import { TenantDeletionService } from '../tenants/tenant-deletion.service.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { openToRead } from './files.ts';
import { days } from './options.ts';
import { isJson, print } from './output.ts';
import { showProgress } from './progress.ts';
import { describe } from './tenant.commands.ts';
import { withApp } from './with-app.ts';

/** What becomes of a tenant: stopped, resumed, deleted, brought back, removed, moved. */
export function registerLifecycleCommands(program: Command): void {
  const tenant = program.commands.find((command) => command.name() === 'tenant')!;

  for (const [verb, about, done] of [
    ['suspend', 'refuse every request of a tenant, within a second', 'is suspended: its requests answer 403'],
    ['resume', 'serve a suspended tenant again', 'is active again'],
  ] as const) {
    tenant
      .command(`${verb} <slug>`)
      .description(about)
      .action(async (slug: string) => {
        const changed = await withApp((app) => app.get(TenantsService)[verb](slug));
        print(describe(changed), `${slug} ${done}.`, isJson(program));
      });
  }

  tenant
    .command('delete <slug>')
    .description('hide a tenant; it can be restored until its grace period ends, then it is purged')
    .option('--grace-days <days>', 'instead of the setting deletion.grace-days', days)
    .action(async (slug: string, { graceDays }: { graceDays?: number }) => {
      const deleted = await withApp((app) => app.get(TenantDeletionService).delete(slug, graceDays));
      const until = deleted.purgeAfter!.toISOString();
      print(
        describe(deleted),
        `${slug} is deleted. Until ${until}: projectflow tenant restore ${slug}`,
        isJson(program),
      );
    });

  tenant
    .command('restore <slug>')
    .description('bring a deleted tenant back; with --from, put a tenant back to what a backup holds')
    .option('--from <file>', 'a backup; what the tenant had is kept until: tenant move <slug> --confirm')
    .option('--of-another', "with --from: also when the backup is another tenant's")
    .option('--cluster <name>', 'with --from: live on this database from now on, such as when the old one is lost')
    .action((slug: string, options: RestoreOptions) => restore(slug, options, isJson(program)));

  tenant
    .command('purge <slug>')
    .description('remove a deleted tenant for good, with everything it owns, without waiting for the grace period')
    .requiredOption('--confirm <slug>', 'its slug again')
    .option('--cluster-gone', 'leave out databases that do not answer and never will')
    .action(async (slug: string, { confirm, ...options }: { confirm: string; clusterGone?: boolean }) => {
      await withApp((app) => app.get(TenantDeletionService).purge(slug, confirm, options));
      print({ slug, purged: true }, `${slug} is gone.`, isJson(program));
    });

  tenant
    .command('move <slug>')
    .description('move a tenant that is being used to another database; the old copy is kept until --confirm')
    .option('--to <cluster>', 'where to')
    .option('--confirm', 'the tenant is well where it is: remove the old copy')
    .option('--cluster-gone', 'with --confirm: leave the old copy on a database that does not answer and never will')
    .option('--undo', 'serve the tenant from where it was, when whoever moved or restored it has died')
    .option('--force', 'with --undo: go back to the old copy of a move that is done, and set the new one aside')
    .action((slug: string, options: MoveOptions) => move(slug, options, isJson(program)));
}

interface RestoreOptions {
  from?: string;
  ofAnother?: boolean;
  cluster?: string;
}

interface MoveOptions {
  to?: string;
  confirm?: boolean;
  clusterGone?: boolean;
  undo?: boolean;
  force?: boolean;
}

async function restore(slug: string, options: RestoreOptions, json: boolean): Promise<void> {
  const { from, ofAnother, cluster } = options;
  if (from === undefined) {
    if (cluster !== undefined)
      throw new OperatorError('--cluster says where a backup is loaded: give it with --from <file>.');
    const restored = await withApp(async (app) => {
      const { status } = await app.get(TenantsService).getBySlug(slug);
      if (status !== 'deleted')
        throw new OperatorError(`${slug} is ${status}, not deleted. To put it back to a backup: --from <file>`);
      return app.get(TenantDeletionService).restore(slug);
    });
    return print(describe(restored), `${slug} is ${restored.status} again.`, json);
  }
  const source = await openToRead(from);
  const progress = showProgress(`restoring ${slug}`);
  const restored = await withApp((app) =>
    app.get(TenantArchives).restore(slug, source, {
      ofAnother,
      cluster,
      onRows: (done, total) => progress.at(done, total, 'rows'),
    }),
  ).finally(() => progress.end());
  const { rows, windowMs, archivedAt } = restored;
  const lines = [
    `${slug} is as it was at ${archivedAt}: ${rows} rows. It was not served for ${windowMs} ms.`,
    `What it had before is kept until: projectflow tenant move ${slug} --confirm`,
  ];
  print(restored, lines, json);
}

async function move(slug: string, options: MoveOptions, json: boolean): Promise<void> {
  const { to, confirm, undo } = options;
  if ([to, confirm, undo].filter(Boolean).length > 1)
    throw new OperatorError('Give one of --to, --confirm and --undo.');
  if (undo) {
    const served = await withApp(async (app) => {
      await app.get(MovesService).undo(slug, options);
      return app.get(TenantsService).getBySlug(slug);
    });
    const lines = `${slug} is ${served.status} again, in ${served.binding.schema} on ${served.binding.cluster}.`;
    return print(describe(served), lines, json);
  }
  if (confirm) {
    await withApp((app) => app.get(MovesService).confirm(slug, options));
    return print({ slug, confirmed: true }, `The old copy of ${slug} is removed.`, json);
  }
  if (to === undefined) {
    const moves = await withApp(async (app) => {
      await app.get(TenantsService).getBySlug(slug);
      return app.get(MovesService).list({ slug });
    });
    const lines = moves.map(
      (one) =>
        `${one.startedAt.toISOString()}  ${one.reason}  ${one.state}  ${one.from.cluster} -> ${one.to?.cluster ?? '?'}` +
        `${one.windowMs === null ? '' : `  ${one.rows} rows, ${one.windowMs} ms`}${one.error ? `  ${one.error}` : ''}`,
    );
    return print(moves, lines.length > 0 ? lines : `${slug} was never moved. To move it: --to <cluster>`, json);
  }
  const progress = showProgress(`moving ${slug}`);
  const moved = await withApp((app) =>
    app.get(MovesService).move(slug, to, (rows) => progress.at(rows, rows, 'rows')),
  ).finally(() => progress.end());
  const lines = [
    `${slug} moved from ${moved.from.cluster} to ${moved.to.cluster}: ${moved.rows} rows, compared. It was not served for ${moved.windowMs} ms.`,
    `The old copy is kept until: projectflow tenant move ${slug} --confirm`,
  ];
  print(moved, lines, json);
}
