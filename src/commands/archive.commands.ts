import type { Command } from 'commander';
import { rename, rm, stat } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TenantArchives } from '../archives/tenant-archives.service.ts';
import type { NewTenant } from '../archives/archives.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { openToRead, openToWrite, refuseExisting } from './files.ts';
import { isJson, print } from './output.ts';
import { showProgress } from './progress.ts';
import { describe } from './tenant.commands.ts';
import { withApp } from './with-app.ts';

type ImportOptions = Omit<NewTenant, 'slug'> & { slug: string };

/** Whole tenants as files, and out of files. */
export function registerArchiveCommands(program: Command): void {
  const tenant = program.commands.find((command) => command.name() === 'tenant')!;

  tenant
    .command('backup <slug>')
    .description('write everything of a tenant into one file; it goes on being served')
    .requiredOption('--to <file>', 'the file; refused when it is there')
    .action((slug: string, { to }: { to: string }) => write(slug, to, true, isJson(program)));

  tenant
    .command('export <slug>')
    .description('the same for somebody else: without sessions and passwords')
    .requiredOption('--to <file>', 'the file; refused when it is there')
    .action((slug: string, { to }: { to: string }) => write(slug, to, false, isJson(program)));

  const madeOf = (command: Command) =>
    command
      .requiredOption('--slug <slug>', 'name of the new tenant in addresses')
      .option('--name <name>', 'name of the new organisation; the old one when not given')
      .option('--plan <plan>', 'what it may use')
      .option('--region <region>', 'only databases of this region')
      .option('--cluster <name>', 'this database; chosen by plan, region and load when not given');

  madeOf(tenant.command('import <file>'))
    .description('make a new tenant of a backup or export, also of an older release')
    .action((file: string, options: ImportOptions) =>
      make(`importing ${options.slug}`, options, isJson(program), file),
    );

  madeOf(tenant.command('clone <slug>'))
    .description('make a second tenant with the same contents')
    .action((slug: string, options: ImportOptions) => clone(slug, options, isJson(program)));

  tenant
    .command('verify <file>')
    .description('check that a backup or export is whole and unchanged')
    .action(async (file: string) => {
      const source = await openToRead(file);
      const found = await withApp((app) => app.get(TenantArchives).verify(source));
      print(found, `${file} is whole: ${found.rows} rows, ${found.files} files.`, isJson(program));
    });
}

async function write(slug: string, to: string, secrets: boolean, json: boolean): Promise<void> {
  await refuseExisting(to);
  const draft = `${to}.part`;
  const file = await openToWrite(draft);
  const progress = showProgress(`writing ${slug}`);
  try {
    const manifest = await withApp(async (app) => {
      const tenant = await app.get(TenantsService).getBySlug(slug);
      const out = new PassThrough();
      const onRows = (done: number, total: number) => progress.at(done, total, 'rows');
      const [written] = await Promise.all([
        app.get(TenantArchives).write(tenant, out, { secrets, onRows }),
        pipeline(out, file),
      ]);
      return written;
    });
    await rename(draft, to);
    const { size } = await stat(to);
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
    print({ slug, file: to, rows, bytes: size, tables: manifest.tables }, `${to}: ${rows} rows, ${size} bytes.`, json);
  } catch (error) {
    file.destroy();
    await rm(draft, { force: true });
    throw error;
  } finally {
    progress.end();
  }
}

async function make(what: string, options: ImportOptions, json: boolean, file: string): Promise<void> {
  const source = await openToRead(file);
  const progress = showProgress(what);
  const made = await withApp((app) =>
    app.get(TenantArchives).import(source, options, (done, total) => progress.at(done, total, 'rows')),
  ).finally(() => progress.end());
  print(describe(made), `${made.slug} is ready, on ${made.binding.cluster}.`, json);
}

async function clone(slug: string, options: ImportOptions, json: boolean): Promise<void> {
  const progress = showProgress(`cloning ${slug}`);
  const made = await withApp((app) =>
    app.get(TenantArchives).clone(slug, options, (done, total) => progress.at(done, total, 'rows')),
  ).finally(() => progress.end());
  print(describe(made), `${made.slug} is ready, on ${made.binding.cluster}.`, json);
}
