import { ClusterBaseline1766000000000 } from './1766000000000-baseline.ts';

export const clusterMigrations = [ClusterBaseline1766000000000];
