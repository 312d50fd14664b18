import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DomainNames } from '../platform/tenancy/domain-names.ts';
import { DomainsController } from './domains.controller.ts';
import { DomainsService } from './domains.service.ts';
import { TenantDomain } from './tenant-domain.entity.ts';

/**
 * Owns: domains of tenants' own (public.tenant_domains), and the proof that they are theirs.
 * Offers: DomainsService. Announces: nothing. Hears: nothing.
 */
@Module({
  imports: [TypeOrmModule.forFeature([TenantDomain])],
  controllers: [DomainsController],
  providers: [DomainsService, DomainNames],
})
export class DomainsModule {}
