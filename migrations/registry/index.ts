import { Registry1763700000000 } from './1763700000000-registry.ts';
import { Fleet1763800000000 } from './1763800000000-fleet.ts';

export const registryMigrations = [Registry1763700000000, Fleet1763800000000];
