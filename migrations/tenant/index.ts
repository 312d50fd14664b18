import { TenantBaseline1766000000000 } from './1766000000000-baseline.ts';

/** In the order of their timestamps. A released migration never changes; the next step is a new one. */
export const tenantMigrations = [TenantBaseline1766000000000];
