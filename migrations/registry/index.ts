import { RegistryBaseline1766000000000 } from './1766000000000-baseline.ts';

export const registryMigrations = [RegistryBaseline1766000000000];
