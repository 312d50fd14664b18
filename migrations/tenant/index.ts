import { Work1763700000000 } from './1763700000000-work.ts';

/** In the order of their timestamps. A released migration never changes; the next step is a new one. */
export const tenantMigrations = [Work1763700000000];
