import { Registry1763700000000 } from './1763700000000-registry.ts';

export const registryMigrations = [Registry1763700000000];
