import { ApiProperty } from '@nestjs/swagger';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { PROVIDER_KINDS, type ProviderSummary } from './sign-in-providers.types.ts';

const METHODS = ['password', 'passkey', 'provider'] as const;

export class SignInButtonResponse {
  @ApiProperty({ example: 'company', description: 'For /auth/oauth/{provider}' })
  key: string;
  @ApiProperty({ description: 'What the button says' })
  name: string;
  @ApiProperty({ enum: PROVIDER_KINDS })
  kind: string;
}

/** What anybody may know of an organisation before signing in. */
export class TenantProfileResponse {
  @ApiProperty()
  name: string;
  @ApiProperty({ example: 'acme' })
  slug: string;
  @ApiProperty({
    enum: METHODS,
    isArray: true,
    description: 'Ways to sign in. Where a provider is enforced, its owners alone may still use password and passkey',
    example: ['password', 'passkey'],
  })
  signInMethods: (typeof METHODS)[number][];
  @ApiProperty({ type: [SignInButtonResponse], description: 'Who else vouches for its people' })
  providers: SignInButtonResponse[];
}

export function toTenantProfile({ name, slug }: Tenant, enabled: ProviderSummary[]): TenantProfileResponse {
  const enforced = enabled.some((provider) => provider.enforced);
  return {
    name,
    slug,
    signInMethods: [
      ...(enforced ? [] : ['password' as const, 'passkey' as const]),
      ...(enabled.length > 0 ? ['provider' as const] : []),
    ],
    providers: enabled.map((provider) => ({ key: provider.key, name: provider.name, kind: provider.kind })),
  };
}
