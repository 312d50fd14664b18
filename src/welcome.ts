import { catchesMail, type Config } from './platform/config/config.ts';

/** What the terminal shows once requests are served. */
export function welcome(config: Config, database: string): string {
  const address = config.PUBLIC_URL ?? `http://localhost:${config.PORT}`;
  const body = JSON.stringify({
    name: 'Acme',
    slug: 'acme',
    admin: { email: 'ada@acme.test', password: 'correct horse battery', firstName: 'Ada', lastName: 'Lovelace' },
  });
  // Kept for this machine alone, so they are asked for at this machine whatever PUBLIC_URL says.
  const mails = catchesMail(config) ? `    Mails      http://localhost:${config.PORT}/dev/mails\n` : '';
  return `
  ProjectFlow is running.

    API        ${address}/api/v1
    Docs       ${address}/api/docs
    Database   ${database}
${mails}
  Sign up an organisation:

    curl -s ${address}/api/v1/tenants -H 'content-type: application/json' -d '${body}'

  or fill two of them with people, projects and tasks: npm run demo

`;
}
