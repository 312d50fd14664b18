import { ApiProperty } from '@nestjs/swagger';
import { SignedInResponse, toSignedInResponse } from '../auth/auth.dto.ts';
import { Email, Nested, NewPassword, Pattern, Text } from '../platform/http/fields.ts';
import { TenantResponse, toTenantResponse } from '../tenants/tenants.dto.ts';
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
  @Pattern(/^[a-z0-9](?:[a-z0-9-]{1,48}[a-z0-9])$/, 'A slug has 3 to 50 characters: a to z, 0 to 9 and hyphens inside.', {
    min: 3,
    max: 50,
    description: 'Its name in addresses: acme.example.com',
  })
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
