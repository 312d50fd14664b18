import { randomBytes } from 'node:crypto';
import { Client, expectStatus } from './client.ts';
import type { TestApp } from './app.ts';

export type RoleKey = 'owner' | 'admin' | 'manager' | 'member' | 'viewer' | 'guest';

export const PASSWORD = 'a rather long password';

/** Somebody with a name, signed in. */
export interface Person extends Client {
  id: string;
  email: string;
  accessToken: string;
  refreshToken: string;
}

export interface TestTenant {
  id: string;
  slug: string;
  owner: Person;
  /** Speaks to the tenant without being signed in. */
  visitor: Client;
  /** Adds somebody with this role, or the key of one of the organisation's own, and signs them in. */
  join(firstName: string, role: RoleKey | (string & {})): Promise<Person>;
  /** A project of the owner's; the people become members with the given project role. */
  project(
    name: string,
    members?: [Person, 'manager' | 'member' | 'viewer'][],
  ): Promise<{ id: string; version: number }>;
  task(
    projectId: string,
    fields?: Record<string, unknown>,
  ): Promise<{ id: string; version: number; [field: string]: unknown }>;
}

/** Signs up an organisation through the API, as its users would. */
export async function signUp(
  app: Pick<TestApp, 'url'>,
  slug = `t-${randomBytes(5).toString('hex')}`,
  headers: Record<string, string> = {},
): Promise<TestTenant> {
  const nobody = new Client(app.url, headers);
  const email = `olivia@${slug}.test`;
  const { data } = expectStatus(
    await nobody.post('/tenants', {
      name: `Tenant ${slug}`,
      slug,
      admin: { email, password: PASSWORD, firstName: 'Olivia', lastName: 'Owner' },
    }),
    201,
  );
  const visitor = nobody.with({ 'x-tenant-domain': slug });
  const owner = person(visitor, data);
  return {
    id: data.tenant.id,
    slug,
    owner,
    visitor,
    join: async (firstName, role) => {
      const address = `${firstName.toLowerCase()}.${randomBytes(3).toString('hex')}@${slug}.test`;
      const body = { email: address, firstName, lastName: 'Tester', password: PASSWORD, roles: [role] };
      expectStatus(await owner.post('/users', body), 201);
      return signIn(visitor, address);
    },
    project: async (name, members = []) => {
      const project = expectStatus(await owner.post('/projects', { name }), 201).data;
      for (const [member, role] of members)
        expectStatus(await owner.post(`/projects/${project.id}/members`, { userId: member.id, role }), 201);
      return project;
    },
    task: async (projectId, fields = {}) =>
      expectStatus(await owner.post('/tasks', { projectId, title: 'A task', ...fields }), 201).data,
  };
}

/** As if all who are there by now had followed the link of the mail: only whoever has may invite. */
export async function proveAddresses(app: TestApp, tenant: Pick<TestTenant, 'id'>): Promise<void> {
  const { rows } = await app.owner.query('SELECT schema_name AS schema FROM public.tenants WHERE id = $1', [tenant.id]);
  await app.owner.query(`UPDATE "${rows[0].schema}".users SET email_verified_at = now() WHERE kind = 'person'`);
}

export async function signIn(visitor: Client, email: string, password = PASSWORD): Promise<Person> {
  return person(visitor, expectStatus(await visitor.post('/auth/login', { email, password }), 200).data);
}

function person(visitor: Client, data: any): Person {
  const { id, email } = data.user;
  const { accessToken, refreshToken } = data;
  return Object.assign(visitor.as(accessToken), { id, email, accessToken, refreshToken });
}
