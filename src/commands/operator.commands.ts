import type { Command } from 'commander';
import { text } from 'node:stream/consumers';
import { OperatorsService, type Invited } from '../operators/operators.service.ts';
import { CreateOperatorBody } from '../operators/operators.dto.ts';
import { BodyPipe } from '../platform/http/body.pipe.ts';
import { isJson, print, table } from './output.ts';
import { withApp } from './with-app.ts';

/** Those who operate the installation over HTTP. Whoever may run commands needs no account. */
export function registerOperatorCommands(program: Command): void {
  const operator = program.command('operator').description('accounts of those who operate the installation over HTTP');

  operator
    .command('create <email>')
    .description('make an account and print the token with which its owner enrols, once, within the hour')
    .requiredOption('--name <name>', 'who it is')
    .option('--password-stdin', 'enrol at once with the password on standard input; prints the second factor')
    .action((email: string, options: { name: string; passwordStdin?: boolean }) =>
      create(email, options, isJson(program)),
    );

  operator
    .command('list')
    .description('list the accounts')
    .action(async () => {
      const accounts = (await withApp((app) => app.get(OperatorsService).list())).map(
        ({ email, name, active, totpSecret, createdAt, lastLoginAt }) => ({
          email,
          name,
          state: !active ? 'disabled' : totpSecret === null ? 'not enrolled' : 'active',
          createdAt,
          lastLoginAt,
        }),
      );
      const rows = accounts.map((one) => [one.email, one.state, one.lastLoginAt?.toISOString() ?? 'never', one.name]);
      print(
        accounts,
        rows.length > 0 ? table(['E-MAIL', 'STATE', 'LAST SIGN-IN', 'NAME'], rows) : 'None.',
        isJson(program),
      );
    });

  for (const [verb, about, done] of [
    ['disable', 'end the sessions of an operator within a second, and let them sign in no more', 'is disabled'],
    ['enable', 'let a disabled operator sign in again', 'may sign in again'],
  ] as const) {
    operator
      .command(`${verb} <email>`)
      .description(about)
      .action(async (email: string) => {
        const { active } = await withApp((app) => app.get(OperatorsService)[verb](email));
        print({ email, active }, `${email} ${done}.`, isJson(program));
      });
  }

  operator
    .command('reset <email>')
    .description('take password and second factor away, and print a token to enrol anew')
    .action(async (email: string) => {
      const invited = await withApp((app) => app.get(OperatorsService).reset(email));
      printInvited(invited, isJson(program));
    });
}

async function create(
  email: string,
  { name, passwordStdin }: { name: string; passwordStdin?: boolean },
  json: boolean,
): Promise<void> {
  const body = { email, name };
  const wanted = new BodyPipe().transform(body, { type: 'body', metatype: CreateOperatorBody }) as CreateOperatorBody;
  if (!passwordStdin) {
    return printInvited(await withApp((app) => app.get(OperatorsService).create(wanted.email, wanted.name)), json);
  }
  const password = (await text(process.stdin)).replace(/\r?\n$/, '');
  const enrolment = await withApp((app) =>
    app.get(OperatorsService).createEnrolled(wanted.email, wanted.name, password),
  );
  const lines = [
    `${email} can sign in. The second factor, shown this once, for an authenticator:`,
    `  ${enrolment.secret}`,
    `  ${enrolment.uri}`,
  ];
  print({ email, ...enrolment }, lines, json);
}

function printInvited({ operator: { email }, token, expiresAt }: Invited, json: boolean): void {
  const lines = [
    `${email} enrols with this token, once, until ${expiresAt.toISOString()}:`,
    `  ${token}`,
    'It is sent with a new password to POST /api/v1/platform/auth/enrol, which answers with a second factor for an',
    'authenticator, and then with the first code to POST /api/v1/platform/auth/enrol/confirm.',
  ];
  print({ email, token, expiresAt }, lines, json);
}
