import { ApiProperty } from '@nestjs/swagger';
import { Name, Pattern, type FieldOptions } from '../platform/http/fields.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';
import { SLUG_PATTERN, SLUG_RULE } from './slug.rules.ts';

/** A slug as a field of a body; reserved and taken ones are found out later. */
export const Slug = (options: FieldOptions = {}) => Pattern(SLUG_PATTERN, SLUG_RULE, { min: 3, max: 50, ...options });

export class TenantResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ example: 'acme' })
  slug: string;
  @ApiProperty({ enum: ['provisioning', 'active', 'suspended', 'maintenance'] })
  status: string;
  @ApiProperty({ enum: ['free', 'pro', 'enterprise'] })
  plan: string;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

/** What the people of an organisation see of it. */
export class OrganisationResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ example: 'acme' })
  slug: string;
  @ApiProperty({ enum: ['active'] })
  status: string;
  @ApiProperty({ example: 'free' })
  plan: string;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export class RenameBody {
  @Name({ max: 100, optional: true, description: 'Name of the organisation' })
  name?: string;
  @Slug({ optional: true, description: 'Its name in addresses. The old one answers where it went to.' })
  slug?: string;
}

export class AvailabilityResponse {
  @ApiProperty({ example: 'acme' })
  slug: string;
  @ApiProperty()
  available: boolean;
  @ApiProperty({ enum: ['invalid', 'reserved', 'taken'], nullable: true })
  reason: 'invalid' | 'reserved' | 'taken' | null;
}

export function toTenantResponse(tenant: Tenant): TenantResponse {
  const { id, name, slug, status, plan, createdAt } = tenant;
  return { id, name, slug, status, plan, createdAt: createdAt.toISOString() };
}

export function toOrganisation(tenant: Tenant): OrganisationResponse {
  const { id, name, slug, status, plan, createdAt, updatedAt, version } = tenant;
  return {
    id,
    name,
    slug,
    status,
    plan,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    version,
  };
}
