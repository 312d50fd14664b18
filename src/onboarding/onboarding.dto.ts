import { ApiProperty } from '@nestjs/swagger';
import { SignedInResponse, toSignedInResponse } from '../auth/auth.dto.ts';
import { Email, Name, Nested, NewPassword, Secret, Text } from '../platform/http/fields.ts';
import { Slug, TenantResponse, toTenantResponse } from '../tenants/tenants.dto.ts';
import { PlatformTenantResponse, toPlatformTenant } from '../tenants/platform-tenants.dto.ts';
import type { SignUp } from './sign-up.service.ts';

class AdminBody {
  @Email()
  email: string;
  @NewPassword()
  password: string;
  @Name({ max: 100 })
  firstName: string;
  @Name({ max: 100 })
  lastName: string;
}

export class ProofBody {
  @Email({ description: 'Of the owner who is to be' })
  email: string;
}

/** What every organisation begins with. */
class OrganisationBody {
  @Name({ max: 100, description: 'Name of the organisation' })
  name: string;
  @Slug({ description: 'Its name in addresses: acme.example.com' })
  slug: string;
  @Nested(() => AdminBody, { description: 'The first owner' })
  admin: AdminBody;
}

export class SignUpBody extends OrganisationBody {
  @Secret({
    max: 200,
    optional: true,
    description: 'The token of the mail of POST /tenants/proofs, where it is asked for',
  })
  proof?: string;
}

/** What operators may say besides. */
export class CreateTenantBody extends OrganisationBody {
  @Text({ max: 50, optional: true, description: 'That of sign-ups when not given' })
  plan?: string;
  @Text({ max: 100, optional: true, description: 'Only databases of this region' })
  region?: string;
  @Text({ max: 40, optional: true, description: 'This database; chosen by plan, region and load when not given' })
  cluster?: string;
}

export { PlatformTenantResponse, toPlatformTenant };

export class SignUpResponse extends SignedInResponse {
  @ApiProperty({ type: TenantResponse })
  tenant: TenantResponse;
}

export function toSignUpResponse({ tenant, ...signedIn }: SignUp): SignUpResponse {
  return { tenant: toTenantResponse(tenant), ...toSignedInResponse(signedIn) };
}
