import { Global, Module } from '@nestjs/common';
import { Damage } from './damage.ts';
import { TenantContexts } from './tenant-contexts.ts';
import { TenantResolver } from './tenant-resolver.ts';

/** Owns: which tenant a request is for. Offers: TenantResolver, TenantContexts, Damage. Needs: a TenantDirectory (tenants). */
@Global()
@Module({
  providers: [TenantResolver, TenantContexts, Damage],
  exports: [TenantResolver, TenantContexts, Damage],
})
export class TenancyModule {}
