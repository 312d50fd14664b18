import { randomBytes } from 'node:crypto';
import type { Tenant } from '../../src/platform/tenancy/tenant.types.ts';
import { TenantsService } from '../../src/tenants/tenants.service.ts';
import type { TestApp } from './app.ts';

/** Tenants without people, for tests about many of them: a sign-up spends most of its time on a password. */
export async function bareTenants(app: TestApp, count: number, cluster = 'main'): Promise<Tenant[]> {
  const tenants = app.nest.get(TenantsService);
  const made: Tenant[] = [];
  while (made.length < count) {
    const slug = `bare-${randomBytes(5).toString('hex')}`;
    made.push(await tenants.activate(await tenants.reserve({ slug, name: slug, cluster })));
  }
  return made;
}
