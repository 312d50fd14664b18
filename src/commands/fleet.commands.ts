import type { Command } from 'commander';
import { DoctorService } from '../fleet/doctor.service.ts';
import type { Finding } from '../fleet/doctor.types.ts';
import { FleetService } from '../fleet/fleet.service.ts';
import { RevertingService, type Loss } from '../fleet/reverting.service.ts';
import type { FleetOptions, FleetOutcome, FleetWork } from '../fleet/fleet.types.ts';
import { Cache } from '../platform/cache/cache.ts';
import { actorCopies } from '../platform/events/actors-changed.ts';
import { OperatorError } from '../platform/errors/app-error.ts';
import { SchemaManager } from '../platform/database/schema-manager.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { notNegative, share, wholeNumber } from './options.ts';
import { isJson, print, table } from './output.ts';
import { showProgress } from './progress.ts';
import { withApp } from './with-app.ts';

interface RunOptions {
  tenant?: string[];
  concurrency: number;
  canary?: FleetOptions['canary'];
  maxFailures: number;
  maxLag: number;
  dryRun?: boolean;
}

interface RevertOptions extends RunOptions {
  to: number;
  confirm?: boolean;
  force?: boolean;
}

/** Commands over many tenants. Each tenant's failure stays its own; the rest is carried on with. */
export function registerFleetCommands(program: Command): void {
  const tenant = program.commands.find((command) => command.name() === 'tenant')!;

  tenant
    .command('status')
    .description('how many tenants are at which version, who failed, and who is asked for in vain')
    .action(() => status(isJson(program)));

  for (const command of [
    tenant.command('migrate').description('bring tenants to the version of this release'),
    program.command('migrate').description('bring the registry and every tenant to the version of this release'),
  ])
    runOptions(command).action((options: RunOptions) => run({ kind: 'migrate' }, options, isJson(program)));

  runOptions(
    tenant
      .command('revert')
      .description(
        'take tenants back to an older version: what newer migrations have made is lost, with the data in it',
      ),
  )
    .requiredOption('--to <version>', 'timestamp of the newest migration that stays', wholeNumber(0, 9_999_999_999_999))
    .option('--confirm', 'do it; without it, say how many tables and rows would go')
    .option('--force', 'also to a version that is older than that of the release before')
    .action((options: RevertOptions) => revert(options, isJson(program)));

  tenant
    .command('doctor')
    .description('compare the registry with what there is, on every cluster: orphans, drift, what was left half-done')
    .option('--fix', 'mend what can be mended')
    .action(({ fix }: { fix?: boolean }) => doctor(fix === true, isJson(program)));

  program
    .command('seed')
    .description('apply the seeds of this release to every tenant: the built-in roles. Safe to repeat')
    .action(() => seed(isJson(program)));
}

function runOptions(command: Command): Command {
  return command
    .option('--tenant <slug...>', 'only these')
    .option('--concurrency <n>', 'tenants at a time', wholeNumber(1, 64), 2)
    .option('--canary <n|%>', 'as many first; if one of them fails, nothing else is begun', share)
    .option('--max-failures <n>', 'begin no further tenant after so many failures', wholeNumber(1, 1_000_000), 20)
    .option('--max-lag <seconds>', 'pause while a replica is further behind', notNegative, 10)
    .option('--dry-run', 'print the SQL and do nothing');
}

async function status(json: boolean): Promise<void> {
  const found = await withApp((app) => app.get(FleetService).status());
  const rows = found.groups.map((group) => [String(group.version), group.status, group.cluster, String(group.tenants)]);
  const lines = [
    ...table(['VERSION', 'STATUS', 'CLUSTER', 'TENANTS'], rows),
    '',
    found.behind === 0
      ? `All ${found.tenants} tenants are at ${found.wantedVersion}.`
      : `${found.behind} of ${found.tenants} tenants are behind ${found.wantedVersion}: projectflow tenant migrate`,
    ...(found.atWork > 0 ? [`${found.atWork} are being migrated at this moment.`] : []),
    ...(found.wanted > 0 ? [`${found.wanted} of those behind are asked for, and go first.`] : []),
    ...found.failed.map(({ slug, error }) => `${slug}  failed: ${error}`),
  ];
  print(found, lines, json);
}

/** Nothing is taken back before it was said what goes with it. */
async function revert({ to, confirm, force, ...options }: RevertOptions, json: boolean): Promise<void> {
  const work: FleetWork = { kind: 'revert', to };
  if (options.dryRun) return printSql(work, options.tenant, json);
  if (confirm) return run(work, options, json, force);
  const loss = await withApp(async (app) => {
    await demandKnown(app.get(TenantsService), options.tenant);
    const reverting = app.get(RevertingService);
    await reverting.demandNear(to, force === true);
    return reverting.lossOf(to, options.tenant);
  });
  print({ reverted: false, loss }, lossLines(loss), json);
  throw new OperatorError('Nothing was changed. To do it, repeat this with --confirm.');
}

function lossLines({ tenants, tables, columns, rows }: Loss): string[] {
  const most = tables.filter((table) => table.rows > 0).slice(0, 10);
  return [
    `${tenants} tenants lose ${tables.length} tables with ${rows} rows, and ${columns.length} columns of tables that stay.`,
    ...most.map((table) => `  ${table.name}  ${table.rows} rows`),
  ];
}

async function run(work: FleetWork, options: RunOptions, json: boolean, force = false): Promise<void> {
  const { tenant: slugs, dryRun, ...rest } = options;
  if (dryRun) return printSql(work, slugs, json);
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const progress = showProgress(work.kind === 'migrate' ? 'migrating' : 'reverting');
  try {
    const outcome = await withApp(async (app) => {
      await demandKnown(app.get(TenantsService), slugs);
      if (work.kind === 'revert') {
        const reverting = app.get(RevertingService);
        await reverting.demandNear(work.to, force);
        process.stderr.write(`${lossLines(await reverting.lossOf(work.to, slugs)).join('\n')}\n`);
      }
      return app.get(FleetService).run({
        work,
        slugs,
        ...rest,
        signal: stopping.signal,
        onProgress: ({ done, failed, total, phase }) =>
          progress.at(
            done + failed,
            total,
            `${phase === 'fleet' ? '' : phase}${failed > 0 ? ` ${failed} failed` : ''}`.trim(),
          ),
      });
    });
    progress.end();
    print(outcome, summary(outcome), json);
    if (outcome.failed.length > 0 || outcome.stopped !== null) process.exitCode = 1;
  } finally {
    progress.end();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

/** A slug that is mistyped would otherwise be "nothing to do". */
async function demandKnown(tenants: TenantsService, slugs: string[] | undefined): Promise<void> {
  for (const slug of slugs ?? [])
    await tenants.getBySlug(slug).catch(() => {
      throw new OperatorError(`There is no tenant ${slug}. projectflow tenant list shows them all.`);
    });
}

function summary({ target, done, failed, left, stopped, milliseconds }: FleetOutcome): string[] {
  const why = {
    canary: 'A canary failed, so nothing else was begun.',
    failures: 'There were too many failures, so no further tenant was begun.',
    signal: 'It was stopped.',
  };
  return [
    ...failed.map(({ slug, error }) => `${slug}  failed: ${error}`),
    `${done} brought to ${target}, ${failed.length} failed, ${left} left, in ${(milliseconds / 1000).toFixed(1)} s.`,
    ...(stopped === null ? [] : [why[stopped]]),
    ...(failed.length > 0 || left > 0 ? ['Run it again to go on with those that are left.'] : []),
  ];
}

async function printSql(work: FleetWork, slugs: string[] | undefined, json: boolean): Promise<void> {
  const { tenants, scripts } = await withApp(async (app) => {
    await demandKnown(app.get(TenantsService), slugs);
    const fleet = app.get(FleetService);
    return { tenants: await fleet.count({ work, slugs }), scripts: await fleet.sqlOf({ work, slugs }) };
  });
  const lines = scripts.flatMap(({ from, sql }) => [`-- For a tenant at version ${from}:`, sql, '']);
  print({ dryRun: true, tenants, scripts }, [...lines, `${tenants} tenants would be changed. Nothing was done.`], json);
}

async function doctor(fix: boolean, json: boolean): Promise<void> {
  const progress = showProgress('looking');
  const { looked, results } = await withApp(async (app) => {
    const { looked: seen, findings } = await app.get(DoctorService).examine((schemas) => progress.at(schemas, schemas));
    progress.end();
    const mended: (Omit<Finding, 'mend'> & { fixable: boolean; mended: boolean; line: string })[] = [];
    for (const { mend, ...finding } of findings) {
      const failure = fix && mend ? await mend().then(() => null, String) : null;
      const isMended = fix && mend !== null && failure === null;
      const state = isMended
        ? 'mended'
        : failure !== null
          ? `not mended: ${failure}`
          : mend
            ? 'can be mended with --fix'
            : 'by hand';
      mended.push({
        ...finding,
        fixable: mend !== null,
        mended: isMended,
        line: `${finding.kind}  ${finding.subject} (${finding.cluster}): ${finding.message}\n    ${finding.remedy} [${state}]`,
      });
    }
    return { looked: seen, results: mended };
  }).finally(() => progress.end());
  const left = results.filter((result) => !result.mended).length;
  const lines = [
    ...results.map((result) => result.line),
    `Looked at ${looked.clusters} clusters, ${looked.tenants} tenants, ${looked.schemas} schemas, ${looked.roles} roles: ` +
      (results.length === 0 ? 'all is well.' : `${results.length} findings, ${results.length - left} mended.`),
  ];
  print({ looked, findings: results.map(({ line: _line, ...result }) => result) }, lines, json);
  if (left > 0) process.exitCode = 1;
}

async function seed(json: boolean): Promise<void> {
  const outcomes = await withApp(async (app) => {
    const schemas = app.get(SchemaManager);
    const results: { slug: string; error?: string }[] = [];
    for (const { slug, binding } of await app.get(TenantsService).list()) {
      const error = await schemas.seed(binding).then(() => undefined, String);
      // What the built-in roles permit may be something else now.
      await app.get(Cache).forget(actorCopies(binding.schema, null));
      results.push({ slug, ...(error === undefined ? {} : { error }) });
    }
    return results;
  });
  const failed = outcomes.filter((outcome) => outcome.error !== undefined);
  const lines = [
    ...failed.map(({ slug, error }) => `${slug}  failed: ${error}`),
    `${outcomes.length - failed.length} seeded, ${failed.length} failed.`,
  ];
  print({ seeded: outcomes.length - failed.length, failed: failed.length, tenants: outcomes }, lines, json);
  if (failed.length > 0) process.exitCode = 1;
}
