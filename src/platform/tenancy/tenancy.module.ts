import { Global, Module } from '@nestjs/common';
import { TenantContexts } from './tenant-contexts.ts';
import { TenantResolver } from './tenant-resolver.ts';

/** Owns: which tenant a request is for. Offers: TenantResolver, TenantContexts. Needs: a TenantDirectory (tenants). */
@Global()
@Module({
  providers: [TenantResolver, TenantContexts],
  exports: [TenantResolver, TenantContexts],
})
export class TenancyModule {}
