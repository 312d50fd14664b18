import { ApiProperty } from '@nestjs/swagger';
import { Flag, Line, Secret, Text, Texts, Whole } from '../platform/http/fields.ts';
import type { ClusterWithHealth } from './clusters.service.ts';

const MOST_TENANTS = 1_000_000;

export class ChangeClusterBody {
  @Secret({
    max: 1000,
    optional: true,
    description: 'Owner login, postgres://user:password@host:5432/database; kept encrypted',
  })
  url?: string;
  @Secret({ max: 1000, optional: true, description: 'A streaming replica, for reads of figures' })
  replicaUrl?: string;
  @Text({ max: 100, optional: true, description: 'Where it stands' })
  region?: string;
  @Texts({ max: 20, length: 50, optional: true, description: 'Only new tenants of these plans; empty: of all' })
  plans?: string[];
  @Whole({ min: 1, max: MOST_TENANTS, optional: true, description: 'Tenants that it is meant for' })
  capacity?: number;
  @Flag({ optional: true, description: 'Whether new tenants may be placed there' })
  accepts?: boolean;
}

export class AddClusterBody {
  @Line({ max: 40 })
  name: string;
  @Secret({ max: 1000, description: 'Owner login, postgres://user:password@host:5432/database; kept encrypted' })
  url: string;
  @Secret({ max: 1000, optional: true, description: 'A streaming replica, for reads of figures' })
  replicaUrl?: string;
  @Text({ max: 100, optional: true, description: 'Where it stands' })
  region?: string;
  @Texts({ max: 20, length: 50, optional: true, description: 'Only tenants of these plans' })
  plans?: string[];
  @Whole({ min: 1, max: MOST_TENANTS, optional: true, description: 'Tenants that it is meant for' })
  capacity?: number;
  @Flag({ optional: true, description: 'Kept for one tenant, which is put there by name' })
  dedicated?: boolean;
}

export class ClusterResponse {
  @ApiProperty({ example: 'main' })
  name: string;
  @ApiProperty({ type: String, nullable: true })
  region: string | null;
  @ApiProperty({ type: [String], description: 'Plans whose tenants may be placed there; empty: all' })
  plans: string[];
  @ApiProperty()
  capacity: number;
  @ApiProperty()
  dedicated: boolean;
  @ApiProperty({ description: 'Whether new tenants may be placed there' })
  accepts: boolean;
  @ApiProperty()
  hasReplica: boolean;
  @ApiProperty({ description: 'Tenants that live there' })
  tenants: number;
  @ApiProperty({ description: 'Whether it answers at this moment' })
  answers: boolean;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Since when it does not' })
  awaySince: string | null;
}

/** Never its address, which holds a password. */
export function toClusterResponse(cluster: ClusterWithHealth): ClusterResponse {
  const { name, region, plans, capacity, dedicated, accepts, hasReplica, tenants, answers, awaySince } = cluster;
  const away = awaySince?.toISOString() ?? null;
  return { name, region, plans, capacity, dedicated, accepts, hasReplica, tenants, answers, awaySince: away };
}
