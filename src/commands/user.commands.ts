import type { Command } from 'commander';
import { CONFIG } from '../platform/config/config.module.ts';
import { catchesMail, type Config } from '../platform/config/config.ts';
import { OperatorError } from '../platform/errors/app-error.ts';
import { OperatedUsers } from '../users/operated-users.service.ts';
import { isJson, print, table } from './output.ts';
import { withApp } from './with-app.ts';

/** Single people of an organisation, when they cannot help themselves. */
export function registerUserCommands(program: Command): void {
  const user = program.command('user').description('people of an organisation who cannot sign in');

  user
    .command('list <tenant>')
    .description('who they are: roles, second factor, and whether their password was disabled after many failures')
    .action(async (tenant: string) => {
      const accounts = await withApp((app) => app.get(OperatedUsers).list(tenant));
      const rows = accounts.map(({ email, roles, active, secondFactor, locked }) => [
        email,
        roles.join(', '),
        ...[active, secondFactor, locked].map((is) => (is ? 'yes' : 'no')),
      ]);
      print(accounts, table(['E-MAIL', 'ROLES', 'ACTIVE', 'SECOND FACTOR', 'LOCKED'], rows), isJson(program));
    });

  user
    .command('unlock <tenant> <email>')
    .description('forget their failed attempts, and take the password again that those disabled')
    .action(async (tenant: string, email: string) => {
      await withApp((app) => app.get(OperatedUsers).unlock(tenant, email));
      print({ tenant, email, locked: false }, `${email} can sign in at ${tenant} again.`, isJson(program));
    });

  user
    .command('reset-password <tenant> <email>')
    .description('mail them the link with which they choose a new password, good for ten minutes and once')
    .option('--print', 'print the link instead, to be handed over where no mail arrives')
    .action((tenant: string, email: string, options: { print?: boolean }) =>
      options.print ? printLink(tenant, email, isJson(program)) : mailLink(tenant, email, isJson(program)),
    );
}

async function mailLink(tenant: string, email: string, json: boolean): Promise<void> {
  await withApp(async (app) => {
    const config = app.get<Config>(CONFIG);
    if (!config.SMTP_URL && !catchesMail(config))
      throw new OperatorError(
        'No mail can be sent: SMTP_URL is not set. Set it, or have the link printed with --print.',
      );
    await app.get(OperatedUsers).sendReset(tenant, email);
  });
  print({ tenant, email, mailed: true }, `The link is mailed to ${email}.`, json);
}

async function printLink(tenant: string, email: string, json: boolean): Promise<void> {
  const link = await withApp((app) => app.get(OperatedUsers).makeResetLink(tenant, email));
  print(
    { tenant, email, link },
    [`With this link ${email} chooses a new password, once, within ten minutes:`, `  ${link}`],
    json,
  );
}
