import { Outbox1763700000000 } from './1763700000000-outbox.ts';

export const clusterMigrations = [Outbox1763700000000];
