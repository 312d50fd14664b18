import type { Command } from 'commander';
import { Jobs } from '../platform/jobs/jobs.ts';
import { OperatorError } from '../platform/errors/app-error.ts';
import type { TenantLimits } from '../platform/tenancy/tenant.types.ts';
import { SystemSettingsService } from '../settings/settings.service.ts';
import { SubscriptionsService } from '../subscriptions/subscriptions.service.ts';
import { limit } from './options.ts';
import { isJson, print, table } from './output.ts';
import { limitLines } from './tenant.commands.ts';
import { withApp } from './with-app.ts';

/** What holds for the whole installation: settings, plans, and jobs that were given up. */
export function registerInstallationCommands(program: Command): void {
  const setting = program.command('setting').description('settings of the installation that change while it runs');
  setting
    .command('list')
    .description('list them with their values')
    .action(async () => {
      const settings = await withApp((app) => app.get(SystemSettingsService).list());
      const rows = settings.map((one) => [one.key, String(one.value), one.changed ? 'set' : 'default', one.about]);
      print(settings, table(['SETTING', 'VALUE', '', 'ABOUT'], rows), isJson(program));
    });
  setting
    .command('set <key> <value>')
    .description('change one; known to every instance at once')
    .action(async (key: string, value: string) => {
      await withApp((app) => app.get(SystemSettingsService).set(key, value));
      print({ key, value }, `${key} is ${value}.`, isJson(program));
    });

  const plan = program.command('plan').description('what tenants may use');
  plan
    .command('list')
    .description('list the plans with their limits')
    .action(async () => {
      const plans = await withApp((app) => app.get(SubscriptionsService).listPlans());
      print(
        plans,
        plans.flatMap((one) => [`${one.key} (${one.name})`, ...limitLines(one.limits)]),
        isJson(program),
      );
    });
  plan
    .command('change <key>')
    .description('change what a plan allows, for all who have it')
    .requiredOption('--limit <name=value>', 'such as users=50 or users=none; may be repeated', limit)
    .action(async (key: string, options: { limit: Partial<TenantLimits> }) => {
      const changed = await withApp((app) => app.get(SubscriptionsService).changePlan(key, options.limit));
      print(changed, [`${key}:`, ...limitLines(changed.limits)], isJson(program));
    });

  const job = program.command('job').description('background jobs that were given up');
  job
    .command('list')
    .description('list those that all attempts failed of')
    .action(async () => {
      const dead = await withApp((app) => app.get(Jobs).dead());
      const rows = dead.map((one) => [one.id, one.name, String(one.attempts), one.error ?? '']);
      print(dead, dead.length > 0 ? table(['ID', 'JOB', 'ATTEMPTS', 'ERROR'], rows) : 'None.', isJson(program));
    });
  job
    .command('retry <id>')
    .description('have one tried again')
    .action(async (id: string) => {
      if (!(await withApp((app) => app.get(Jobs).retry(id))))
        throw new OperatorError(`No job that was given up has the id ${id}.`);
      print({ id, retried: true }, `${id} is tried again.`, isJson(program));
    });
}
