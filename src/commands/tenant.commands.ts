import type { Command } from 'commander';
import { Option } from 'commander';
import { randomBytes } from 'node:crypto';
import { SignUpBody } from '../onboarding/onboarding.dto.ts';
import { OnboardingService } from '../onboarding/onboarding.service.ts';
import { BodyPipe } from '../platform/http/body.pipe.ts';
import { SchemaManager } from '../platform/database/schema-manager.ts';
import type { Tenant, TenantStatus } from '../platform/tenancy/tenant.types.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { print, table } from './output.ts';
import { withApp } from './with-app.ts';

interface CreateOptions {
  name: string;
  slug: string;
  email: string;
  firstName: string;
  lastName: string;
  password?: string;
}

const STATUSES: TenantStatus[] = ['provisioning', 'active', 'suspended', 'maintenance', 'deleted'];

export function registerTenantCommands(program: Command): void {
  const json = () => program.opts<{ json?: boolean }>().json === true;
  const tenant = program.command('tenant').description('create, list, show, migrate, suspend and resume tenants');

  tenant
    .command('create')
    .description('make a tenant with its first owner')
    .requiredOption('--slug <slug>', 'name in addresses')
    .requiredOption('--name <name>', 'name of the organisation')
    .requiredOption('--email <email>', "the owner's e-mail address")
    .option('--first-name <name>', "the owner's first name", 'Tenant')
    .option('--last-name <name>', "the owner's last name", 'Owner')
    .option('--password <password>', "the owner's password; one is made and printed when not given")
    .action((options: CreateOptions) => create(options, json()));

  tenant
    .command('list')
    .description('list tenants')
    .addOption(new Option('--status <status>', 'only those').choices(STATUSES))
    .action(async (options: { status?: TenantStatus }) => {
      const tenants = await withApp((app) => app.get(TenantsService).list(options.status));
      const rows = tenants.map((one) => [
        one.slug,
        one.status,
        one.plan,
        String(one.schemaVersion),
        one.createdAt.toISOString(),
        one.name,
      ]);
      print(tenants.map(describe), table(['SLUG', 'STATUS', 'PLAN', 'VERSION', 'CREATED', 'NAME'], rows), json());
    });

  tenant
    .command('show <slug>')
    .description('show a tenant: where it lives and what its ledger says')
    .action((slug: string) => show(slug, json()));

  for (const [verb, done] of [
    ['suspend', 'is suspended: its requests answer 403'],
    ['resume', 'is active again'],
  ] as const) {
    tenant
      .command(`${verb} <slug>`)
      .description(verb === 'suspend' ? 'refuse every request of a tenant' : 'serve a suspended tenant again')
      .action(async (slug: string) => {
        const changed = await withApp((app) => app.get(TenantsService)[verb](slug));
        print(describe(changed), `${slug} ${done}.`, json());
      });
  }
}

async function create(
  { email, firstName, lastName, password, name, slug }: CreateOptions,
  json: boolean,
): Promise<void> {
  const made = password ?? randomBytes(15).toString('base64url');
  // The same checks as a sign-up over HTTP, before anything is started.
  const body = { name, slug, admin: { email, firstName, lastName, password: made } };
  const organisation = new BodyPipe().transform(body, { type: 'body', metatype: SignUpBody }) as SignUpBody;
  const { tenant } = await withApp((app) => app.get(OnboardingService).create(organisation));
  const shown = password === undefined ? { password: made } : {};
  print(
    { ...describe(tenant), owner: { email, ...shown } },
    [`${slug} is ready. Owner: ${email}`, ...(password === undefined ? [`Password: ${made}`] : [])],
    json,
  );
}

async function show(slug: string, json: boolean): Promise<void> {
  const { tenant, ledger, wanted } = await withApp(async (app) => {
    const found = await app.get(TenantsService).getBySlug(slug);
    const schemas = app.get(SchemaManager);
    return { tenant: found, ledger: await schemas.versionOf(found.binding.schema), wanted: schemas.version };
  });
  const facts: [string, string][] = [
    ['slug', tenant.slug],
    ['name', tenant.name],
    ['id', tenant.id],
    ['status', tenant.status],
    ['plan', tenant.plan],
    ['schema', tenant.binding.schema],
    ['role', tenant.binding.role ?? 'none (TENANT_ROLES=off)'],
    ['home', String(tenant.binding.home)],
    ['version', `${ledger}${ledger === wanted ? '' : ` (this release wants ${wanted})`}`],
    ['created', tenant.createdAt.toISOString()],
  ];
  const lines = facts.map(([key, value]) => `${key.padEnd(8)}  ${value}`);
  print({ ...describe(tenant), ledgerVersion: ledger, wantedVersion: wanted }, lines, json);
}

function describe({ binding, createdAt, updatedAt, ...tenant }: Tenant): object {
  return { ...tenant, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString(), ...binding };
}
