import { Option, type Command } from 'commander';
import { randomBytes } from 'node:crypto';
import { SignUpBody } from '../onboarding/onboarding.dto.ts';
import { OnboardingService } from '../onboarding/onboarding.service.ts';
import { BodyPipe } from '../platform/http/body.pipe.ts';
import { OperatorError } from '../platform/errors/app-error.ts';
import { SchemaManager } from '../platform/database/schema-manager.ts';
import type { Tenant, TenantLimits, TenantStatus } from '../platform/tenancy/tenant.types.ts';
import { SubscriptionsService } from '../subscriptions/subscriptions.service.ts';
import { RenameBody } from '../tenants/tenants.dto.ts';
import { TenantsService } from '../tenants/tenants.service.ts';
import { limit } from './options.ts';
import { isJson, print, table } from './output.ts';
import { withApp } from './with-app.ts';

interface CreateOptions {
  name: string;
  slug: string;
  email: string;
  firstName: string;
  lastName: string;
  password?: string;
  plan?: string;
  region?: string;
  cluster?: string;
}

const STATUSES: TenantStatus[] = ['provisioning', 'active', 'suspended', 'maintenance', 'deleted'];

/** Who the tenants are, and how they are called. What becomes of them is in lifecycle.commands.ts. */
export function registerTenantCommands(program: Command): void {
  const tenant = program
    .command('tenant')
    .description('organisations: make, find, migrate, move, back up and remove them');

  tenant
    .command('create')
    .description('make a tenant with its first owner')
    .requiredOption('--slug <slug>', 'name in addresses')
    .requiredOption('--name <name>', 'name of the organisation')
    .requiredOption('--email <email>', "the owner's e-mail address")
    .option('--first-name <name>', "the owner's first name", 'Tenant')
    .option('--last-name <name>', "the owner's last name", 'Owner')
    .option('--password <password>', "the owner's password; one is made and printed when not given")
    .option('--plan <plan>', 'what it may use; that of sign-ups when not given')
    .option('--region <region>', 'only databases of this region')
    .option('--cluster <name>', 'this database; chosen by plan, region and load when not given')
    .action((options: CreateOptions) => create(options, isJson(program)));

  tenant
    .command('list')
    .description('list tenants')
    .addOption(new Option('--status <status>', 'only those').choices(STATUSES))
    .option('--cluster <name>', 'only those that live there')
    .action(async (options: { status?: TenantStatus; cluster?: string }) => {
      const tenants = await withApp((app) => app.get(TenantsService).list(options));
      const rows = tenants.map((one) => [
        one.slug,
        one.status,
        one.plan,
        one.binding.cluster,
        String(one.schemaVersion),
        one.createdAt.toISOString(),
        one.name,
      ]);
      const header = ['SLUG', 'STATUS', 'PLAN', 'CLUSTER', 'VERSION', 'CREATED', 'NAME'];
      print(tenants.map(describe), table(header, rows), isJson(program));
    });

  tenant
    .command('show <slug>')
    .description('show a tenant: where it lives and what its ledger says')
    .action((slug: string) => show(slug, isJson(program)));

  tenant
    .command('rename <slug>')
    .description('change how it is called; nothing of its data moves, and the old slug says where it went to')
    .option('--name <name>', 'new name of the organisation')
    .option('--slug <slug>', 'new name in addresses')
    .action(async (slug: string, options: { name?: string; slug?: string }) => {
      if (Object.keys(options).length === 0) throw new OperatorError('Say what to change: --name or --slug.');
      const body = new BodyPipe().transform({ ...options }, { type: 'body', metatype: RenameBody }) as RenameBody;
      const renamed = await withApp(async (app) => {
        const tenants = app.get(TenantsService);
        return tenants.rename(await tenants.getBySlug(slug), body);
      });
      print(describe(renamed), `${slug} is now ${renamed.slug}, "${renamed.name}".`, isJson(program));
    });

  tenant
    .command('plan <slug> <plan>')
    .description('put a tenant on a plan')
    .option(
      '--limit <name=value>',
      'a limit agreed on otherwise, such as users=50; may be repeated. Those not named here are the plan’s',
      limit,
    )
    .action(async (slug: string, plan: string, options: { limit?: Partial<TenantLimits> }) => {
      const changed = await withApp((app) => app.get(SubscriptionsService).subscribe(slug, plan, options.limit));
      print(describe(changed), [`${slug} has the plan ${plan}:`, ...limitLines(changed.limits)], isJson(program));
    });
}

export function limitLines(limits: TenantLimits): string[] {
  return Object.entries(limits).map(
    ([name, value]) => `  ${name.padEnd(18)} ${value === null ? 'no limit' : String(value)}`,
  );
}

export function describe({ binding, createdAt, updatedAt, ...tenant }: Tenant): object {
  return { ...tenant, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString(), ...binding };
}

async function create(options: CreateOptions, json: boolean): Promise<void> {
  const { email, firstName, lastName, password, name, slug, plan, region, cluster } = options;
  const made = password ?? randomBytes(15).toString('base64url');
  // The same checks as a sign-up over HTTP, before anything is started.
  const body = { name, slug, admin: { email, firstName, lastName, password: made } };
  const organisation = new BodyPipe().transform(body, { type: 'body', metatype: SignUpBody }) as SignUpBody;
  const { tenant } = await withApp((app) =>
    app.get(OnboardingService).create({ ...organisation, plan, region, cluster }),
  );
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
    return { tenant: found, ledger: await schemas.versionOf(found.binding), wanted: schemas.version };
  });
  const facts: [string, string][] = [
    ['slug', tenant.slug],
    ['name', tenant.name],
    ['id', tenant.id],
    ['status', tenant.status],
    ['plan', tenant.plan],
    ['cluster', tenant.binding.cluster],
    ['schema', tenant.binding.schema],
    ['role', tenant.binding.role ?? 'none (TENANT_ROLES=off)'],
    ['home', String(tenant.binding.home)],
    ['version', `${ledger}${ledger === wanted ? '' : ` (this release wants ${wanted})`}`],
    ['storage', `${tenant.storageBytes} bytes`],
    ['created', tenant.createdAt.toISOString()],
    ...(tenant.purgeAfter ? [['purged after', tenant.purgeAfter.toISOString()] as [string, string]] : []),
  ];
  const lines = facts.map(([key, value]) => `${key.padEnd(12)}  ${value}`);
  print({ ...describe(tenant), ledgerVersion: ledger, wantedVersion: wanted }, lines, json);
}
