import { ApiProperty } from '@nestjs/swagger';
import { Pattern } from '../platform/http/fields.ts';
import { DOMAIN_PATTERN } from '../platform/tenancy/domain-names.ts';
import { challengeOf } from './domain.rules.ts';
import type { TenantDomain } from './tenant-domain.entity.ts';

const DOMAIN_RULE = 'A domain looks like work.example.com, in lower case; international names in their xn-- form.';

export class AddDomainBody {
  @Pattern(DOMAIN_PATTERN, DOMAIN_RULE, { min: 4, max: 253 })
  domain: string;
}

class DomainChallengeResponse {
  @ApiProperty({ enum: ['TXT'] })
  type: 'TXT';
  @ApiProperty({ example: '_projectflow-challenge.work.example.com' })
  name: string;
  @ApiProperty({ example: 'projectflow-domain-verification=Zk3…' })
  value: string;
}

export class DomainResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'work.example.com' })
  domain: string;
  @ApiProperty()
  verified: boolean;
  @ApiProperty({ description: 'The one that links to the organisation use' })
  primary: boolean;
  @ApiProperty({
    type: DomainChallengeResponse,
    description: 'The record that proves it, to be set before verification',
  })
  challenge: DomainChallengeResponse;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

export function toDomainResponse({
  id,
  domain,
  token,
  verifiedAt,
  isPrimary,
  createdAt,
}: TenantDomain): DomainResponse {
  return {
    id,
    domain,
    verified: verifiedAt !== null,
    primary: isPrimary,
    challenge: { type: 'TXT', ...challengeOf(domain, token) },
    createdAt: createdAt.toISOString(),
  };
}
