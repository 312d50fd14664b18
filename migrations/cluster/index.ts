import { Outbox1763700000000 } from './1763700000000-outbox.ts';
import { Settings1763800000000 } from './1763800000000-settings.ts';

export const clusterMigrations = [Outbox1763700000000, Settings1763800000000];
