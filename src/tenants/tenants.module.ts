import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { TenantDirectory } from '../platform/tenancy/tenant.types.ts';
import { RegistryTenantDirectory } from './tenant-directory.service.ts';
import { TenantDeletionService } from './tenant-deletion.service.ts';
import { TenantEntity } from './tenant.entity.ts';
import { OrganisationController } from './organisation.controller.ts';
import { PlatformTenantsController } from './platform-tenants.controller.ts';
import { TenantsController } from './tenants.controller.ts';
import { TenantsJobs } from './tenants.jobs.ts';
import { TenantsService } from './tenants.service.ts';

/**
 * Owns: the registry of tenants (public.tenants), slugs, their status.
 * Offers: TenantsService; TenantDirectory to the platform (global for that reason).
 * Announces: nothing. Hears: nothing.
 */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([TenantEntity])],
  controllers: [TenantsController, OrganisationController, PlatformTenantsController],
  providers: [
    RegistryTenantDirectory,
    { provide: TenantDirectory, useExisting: RegistryTenantDirectory },
    TenantsService,
    TenantDeletionService,
    TenantsJobs,
  ],
  exports: [TenantsService, TenantDeletionService, TenantDirectory],
})
export class TenantsModule {}
