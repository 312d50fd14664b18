import { InvalidArgumentError, type Command } from 'commander';
import { SchemaManager } from '../platform/database/schema-manager.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { print, table } from './output.ts';
import { withApp } from './with-app.ts';

interface MigrateOptions {
  tenant?: string;
  concurrency: number;
  dryRun?: boolean;
}

interface Outcome {
  slug: string;
  from: number;
  to: number;
  applied: string[];
  error?: string;
}

/** Commands over many tenants. Each tenant's failure stays its own; the rest is carried on with. */
export function registerFleetCommands(program: Command): void {
  const json = () => program.opts<{ json?: boolean }>().json === true;
  const tenant = program.commands.find((command) => command.name() === 'tenant')!;

  tenant
    .command('status')
    .description('how many tenants are at which version and in which status')
    .action(() => status(json()));

  for (const command of [
    tenant.command('migrate').description('bring tenants to the version of this release'),
    program.command('migrate').description('bring the registry and every tenant to the version of this release'),
  ]) {
    command
      .option('--tenant <slug>', 'only this one')
      .option('--concurrency <n>', 'tenants at a time', positive, 2)
      .option('--dry-run', 'say what would be done')
      .action((options: MigrateOptions) => migrate(options, json()));
  }

  program
    .command('seed')
    .description('apply the seeds of this release to every tenant: the built-in roles. Safe to repeat')
    .action(() => seed(json()));
}

async function status(json: boolean): Promise<void> {
  const { tenants, wanted } = await withApp(async (app) => ({
    tenants: await app.get(TenantsService).list(),
    wanted: app.get(SchemaManager).version,
  }));
  const groups = new Map<string, { version: number; status: string; tenants: number }>();
  for (const { schemaVersion: version, status } of tenants) {
    const group = groups.get(`${version} ${status}`) ?? { version, status, tenants: 0 };
    group.tenants += 1;
    groups.set(`${version} ${status}`, group);
  }
  const rows = [...groups.values()].sort((a, b) => a.version - b.version || a.status.localeCompare(b.status));
  const behind = tenants.filter((one) => one.schemaVersion < wanted).length;
  const lines = table(
    ['VERSION', 'STATUS', 'TENANTS'],
    rows.map((row) => [String(row.version), row.status, String(row.tenants)]),
  );
  const summary =
    behind === 0
      ? `All ${tenants.length} tenants are at ${wanted}.`
      : `${behind} of ${tenants.length} tenants are behind ${wanted}: projectflow tenant migrate`;
  print({ wantedVersion: wanted, tenants: tenants.length, behind, groups: rows }, [...lines, '', summary], json);
}

async function migrate({ tenant: slug, concurrency, dryRun }: MigrateOptions, json: boolean): Promise<void> {
  const outcomes = await withApp(async (app) => {
    const service = app.get(TenantsService);
    const wanted = app.get(SchemaManager).version;
    const chosen = slug === undefined ? await service.list() : [await service.getBySlug(slug)];
    const behind = chosen.filter((one) => one.schemaVersion < wanted);
    if (dryRun)
      return behind.map((one): Outcome => ({ slug: one.slug, from: one.schemaVersion, to: wanted, applied: [] }));
    return eachTenant(behind, concurrency, async (one): Promise<Outcome> => {
      try {
        return { slug: one.slug, ...(await service.migrate(one)) };
      } catch (error) {
        return {
          slug: one.slug,
          from: one.schemaVersion,
          to: one.schemaVersion,
          applied: [],
          error: error instanceof Error ? error.message : String(error),
        };
      }
    });
  });
  const failed = outcomes.filter((outcome) => outcome.error !== undefined);
  const lines = outcomes.map(({ slug: name, from, to, error }) =>
    error ? `${name}  failed: ${error}` : `${name}  ${from} -> ${to}${dryRun ? ' (not done: --dry-run)' : ''}`,
  );
  lines.push(`${outcomes.length - failed.length} ${dryRun ? 'to migrate' : 'migrated'}, ${failed.length} failed.`);
  print(
    { migrated: outcomes.length - failed.length, failed: failed.length, dryRun: dryRun === true, tenants: outcomes },
    lines,
    json,
  );
  if (failed.length > 0) process.exitCode = 1;
}

async function seed(json: boolean): Promise<void> {
  const outcomes = await withApp(async (app) => {
    const schemas = app.get(SchemaManager);
    return eachTenant(await app.get(TenantsService).list(), 2, async ({ slug, binding }) => {
      try {
        await schemas.seed(binding.schema);
        return { slug };
      } catch (error) {
        return { slug, error: error instanceof Error ? error.message : String(error) };
      }
    });
  });
  const failed = outcomes.filter((outcome) => 'error' in outcome);
  const lines = [
    ...failed.map(({ slug, error }) => `${slug}  failed: ${error}`),
    `${outcomes.length - failed.length} seeded, ${failed.length} failed.`,
  ];
  print({ seeded: outcomes.length - failed.length, failed: failed.length, tenants: outcomes }, lines, json);
  if (failed.length > 0) process.exitCode = 1;
}

/** Works through the tenants, `concurrency` at a time, and keeps their order. */
async function eachTenant<T>(
  tenants: Tenant[],
  concurrency: number,
  work: (tenant: Tenant) => Promise<T>,
): Promise<T[]> {
  const results: T[] = Array.from({ length: tenants.length });
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < tenants.length; i = next++) results[i] = await work(tenants[i]!);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return results;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 64)
    throw new InvalidArgumentError('a whole number from 1 to 64.');
  return value;
}
