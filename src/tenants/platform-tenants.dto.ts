import { ApiProperty } from '@nestjs/swagger';
import { Amount } from '../platform/http/fields.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import type { Tenant } from '../platform/tenancy/tenant.types.ts';

class TenantLimitsResponse {
  @ApiProperty({ type: Number, nullable: true, description: 'null: no limit' })
  users: number | null;
  @ApiProperty({ type: Number, nullable: true })
  projects: number | null;
  @ApiProperty({ type: Number, nullable: true })
  storageBytes: number | null;
  @ApiProperty({ type: Number, nullable: true })
  requestsPerMinute: number | null;
}

/** A tenant as operators see it: who it is and where it lives, and nothing of what it owns. */
export class PlatformTenantResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'acme' })
  slug: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ enum: ['provisioning', 'active', 'suspended', 'maintenance', 'deleted'] })
  status: string;
  @ApiProperty({ example: 'free' })
  plan: string;
  @ApiProperty({ type: TenantLimitsResponse })
  limits: TenantLimitsResponse;
  @ApiProperty({ description: 'As last measured' })
  storageBytes: number;
  @ApiProperty({ example: 'main' })
  cluster: string;
  @ApiProperty()
  schemaVersion: number;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  deletedAt: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When a deleted one is removed for good',
  })
  purgeAfter: string | null;
}

export class DeleteTenantBody {
  @Amount({ max: 3650, decimals: 2, optional: true, description: 'Instead of the setting deletion.grace-days' })
  graceDays?: number;
}

export const PLATFORM_TENANT_LIST: ListSpec = {
  filters: {
    q: { kind: 'text' },
    status: { kind: 'choice', choices: ['provisioning', 'active', 'suspended', 'maintenance', 'deleted'] },
    plan: { kind: 'text' },
    cluster: { kind: 'text' },
    slug: { kind: 'text' },
    createdAt: { kind: 'time' },
  },
  sorts: ['createdAt', 'slug', 'name', 'storageBytes'],
  defaultSort: '-createdAt',
};

export function toPlatformTenant(tenant: Tenant): PlatformTenantResponse {
  const { id, slug, name, status, plan, storageBytes, schemaVersion, createdAt, deletedAt, purgeAfter } = tenant;
  const { users, projects, storageBytes: storage, requestsPerMinute } = tenant.limits;
  return {
    id,
    slug,
    name,
    status,
    plan,
    limits: { users, projects, storageBytes: storage, requestsPerMinute },
    storageBytes,
    cluster: tenant.binding.cluster,
    schemaVersion,
    createdAt: createdAt.toISOString(),
    deletedAt: deletedAt?.toISOString() ?? null,
    purgeAfter: purgeAfter?.toISOString() ?? null,
  };
}
