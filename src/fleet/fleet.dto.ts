import { ApiProperty } from '@nestjs/swagger';
import { Amount, Whole } from '../platform/http/fields.ts';
import type { FleetStatus, MigrationOrder } from './fleet.types.ts';

export { JobResponse, toJobResponse } from '../platform/http/job-response.ts';

export class MigrateBody {
  @Whole({ min: 1, max: 64, optional: true, description: 'Tenants at a time; 2 when not given' })
  concurrency?: number;
  @Amount({
    max: 100,
    decimals: 2,
    optional: true,
    description: 'As many in a hundred first; if one fails, nothing else is begun',
  })
  canaryPercent?: number;
  @Whole({ min: 1, max: 1_000_000, optional: true, description: 'Begin no further tenant after so many failures; 20' })
  maxFailures?: number;
  @Whole({ max: 86_400, optional: true, description: 'Pause while a replica is further behind, in seconds; 10' })
  maxLag?: number;
}

class VersionGroupResponse {
  @ApiProperty()
  version: number;
  @ApiProperty()
  status: string;
  @ApiProperty()
  cluster: string;
  @ApiProperty()
  tenants: number;
}

class MigrationFailureResponse {
  @ApiProperty()
  slug: string;
  @ApiProperty()
  error: string;
}

export class MigrationStatusResponse {
  @ApiProperty({ description: 'The version of this release' })
  wantedVersion: number;
  @ApiProperty()
  tenants: number;
  @ApiProperty({ description: 'Those whom a migration would concern' })
  behind: number;
  @ApiProperty({ description: 'Of those, how many somebody asked for in vain: they go first' })
  wanted: number;
  @ApiProperty()
  atWork: number;
  @ApiProperty({ type: [VersionGroupResponse] })
  groups: VersionGroupResponse[];
  @ApiProperty({ type: [MigrationFailureResponse] })
  failed: MigrationFailureResponse[];
}

export function toMigrationOrder(body: MigrateBody): MigrationOrder {
  const { concurrency = 2, canaryPercent = null, maxFailures = 20, maxLag = 10 } = body;
  return { concurrency, canaryPercent, maxFailures, maxLag };
}

export function toMigrationStatus(status: FleetStatus): MigrationStatusResponse {
  const { wantedVersion, tenants, behind, wanted, atWork, groups, failed } = status;
  return {
    wantedVersion,
    tenants,
    behind,
    wanted,
    atWork,
    groups: groups.map(({ version, status: state, cluster, tenants: count }) => ({
      version,
      status: state,
      cluster,
      tenants: count,
    })),
    failed: failed.map(({ slug, error }) => ({ slug, error })),
  };
}
