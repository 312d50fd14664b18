import { Global, Module } from '@nestjs/common';
import { ClusterDirectory } from '../platform/database/clusters.ts';
import { RegistryClusterDirectory } from './cluster-directory.service.ts';
import { ClustersController } from './clusters.controller.ts';
import { ClustersService } from './clusters.service.ts';

/**
 * Owns: the registry of databases that hold tenants (public.clusters), and where a new tenant goes.
 * Offers: ClustersService; ClusterDirectory to the platform (global for that reason).
 * Announces: nothing. Hears: nothing.
 */
@Global()
@Module({
  controllers: [ClustersController],
  providers: [
    RegistryClusterDirectory,
    { provide: ClusterDirectory, useExisting: RegistryClusterDirectory },
    ClustersService,
  ],
  exports: [ClusterDirectory, ClustersService],
})
export class ClustersModule {}
