import { ApiProperty } from '@nestjs/swagger';
import { Nested, Text, Whole } from '../platform/http/fields.ts';
import type { TenantLimits } from '../platform/tenancy/tenant.types.ts';
import { PlatformTenantResponse, toPlatformTenant } from '../tenants/platform-tenants.dto.ts';
import { LimitsResponse } from './subscriptions.dto.ts';
import type { Plan } from './subscriptions.service.ts';

const MOST = Number.MAX_SAFE_INTEGER;

export class PlanLimitsBody {
  @Whole({ max: MOST, nullable: true, description: 'Active people; null: no limit' })
  users: number | null;
  @Whole({ max: MOST, nullable: true })
  projects: number | null;
  @Whole({ max: MOST, nullable: true, description: 'Tables and files' })
  storageBytes: number | null;
  @Whole({ max: MOST, nullable: true })
  requestsPerMinute: number | null;
}

export class PlanBody {
  @Nested(() => PlanLimitsBody)
  limits: PlanLimitsBody;
}

export class AgreedLimitsBody {
  @Whole({ max: MOST, nullable: true, optional: true })
  users?: number | null;
  @Whole({ max: MOST, nullable: true, optional: true })
  projects?: number | null;
  @Whole({ max: MOST, nullable: true, optional: true })
  storageBytes?: number | null;
  @Whole({ max: MOST, nullable: true, optional: true })
  requestsPerMinute?: number | null;
}

export class TenantPlanBody {
  @Text({ max: 50 })
  plan: string;
  @Nested(() => AgreedLimitsBody, {
    optional: true,
    description: 'What was agreed on otherwise; the rest is the plan’s',
  })
  limits?: AgreedLimitsBody;
}

export class PlanResponse {
  @ApiProperty({ example: 'pro' })
  key: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ type: LimitsResponse })
  limits: LimitsResponse;
}

/** Those that were given; what is left away stays the plan's. */
export function toAgreedLimits(body: AgreedLimitsBody = {}): Partial<TenantLimits> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}

export function toPlanResponse({ key, name, limits }: Plan): PlanResponse {
  const { users, projects, storageBytes, requestsPerMinute } = limits;
  return { key, name, limits: { users, projects, storageBytes, requestsPerMinute } };
}

export { PlatformTenantResponse, toPlatformTenant };
