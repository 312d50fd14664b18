import { ApiProperty } from '@nestjs/swagger';
import { SignedInResponse, toSignedInResponse } from '../auth/auth.dto.ts';
import { Email, Nested, NewPassword, Text } from '../platform/http/fields.ts';
import { Slug, TenantResponse, toTenantResponse } from '../tenants/tenants.dto.ts';
import type { SignUp } from './onboarding.service.ts';

export class AdminBody {
  @Email()
  email: string;
  @NewPassword()
  password: string;
  @Text({ max: 100 })
  firstName: string;
  @Text({ max: 100 })
  lastName: string;
}

export class SignUpBody {
  @Text({ max: 100, description: 'Name of the organisation' })
  name: string;
  @Slug({ description: 'Its name in addresses: acme.example.com' })
  slug: string;
  @Nested(() => AdminBody, { description: 'The first owner' })
  admin: AdminBody;
}

export class SignUpResponse extends SignedInResponse {
  @ApiProperty({ type: TenantResponse })
  tenant: TenantResponse;
}

export function toSignUpResponse({ tenant, ...signedIn }: SignUp): SignUpResponse {
  return { tenant: toTenantResponse(tenant), ...toSignedInResponse(signedIn) };
}
