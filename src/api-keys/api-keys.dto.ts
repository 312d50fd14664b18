import { ApiProperty } from '@nestjs/swagger';
import { Line, Texts, Time, Whole } from '../platform/http/fields.ts';
import type { ApiKey } from './api-key.entity.ts';
import type { IssuedApiKey } from './api-keys.service.ts';

const SCOPES = 'What it may do: permissions that you have, with `:member` or `:involved` for a part of it';
const EXPIRES = 'At most a year from now; 90 days when not given';
const LIMIT = { min: 1, max: 100_000, optional: true, nullable: true };
/** Seven days. */
const MOST_OVERLAP_HOURS = 168;

export class CreateApiKeyBody {
  @Line({ max: 100 })
  name: string;
  @Texts({ max: 100, length: 60, description: SCOPES })
  scopes: string[];
  @Time({ optional: true, description: EXPIRES })
  expiresAt?: string;
  @Whole({ ...LIMIT, description: 'Besides what the plan includes' })
  requestsPerMinute?: number | null;
}

export class UpdateApiKeyBody {
  @Line({ max: 100, optional: true })
  name?: string;
  @Whole(LIMIT)
  requestsPerMinute?: number | null;
}

export class RotateApiKeyBody {
  @Whole({
    min: 0,
    max: MOST_OVERLAP_HOURS,
    optional: true,
    description: 'How long the old text still works; 24 when not given',
  })
  overlapHours?: number;
  @Time({ optional: true, description: EXPIRES })
  expiresAt?: string;
}

export class ApiKeyResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ description: 'Its last characters', example: '9a0f' })
  ending: string;
  @ApiProperty({ type: [String], example: ['task.read'] })
  scopes: string[];
  @ApiProperty({ type: Number, nullable: true })
  requestsPerMinute: number | null;
  @ApiProperty({ format: 'date-time' })
  expiresAt: string;
  @ApiProperty({ format: 'date-time', nullable: true, type: String })
  rotatedAt: string | null;
  @ApiProperty({ format: 'date-time', nullable: true, type: String, description: 'Until when the text before works' })
  previousExpiresAt: string | null;
  @ApiProperty({ format: 'date-time', nullable: true, type: String, description: 'To the minute' })
  lastUsedAt: string | null;
  @ApiProperty({ nullable: true, type: String })
  lastAddress: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export class IssuedApiKeyResponse extends ApiKeyResponse {
  @ApiProperty({ description: 'The key itself. It is shown this once.', example: 'pfk_…' })
  key: string;
}

export function toApiKeyResponse(key: ApiKey): ApiKeyResponse {
  return {
    id: key.id,
    name: key.name,
    ending: key.ending,
    scopes: key.scopes,
    requestsPerMinute: key.requestsPerMinute,
    expiresAt: key.expiresAt.toISOString(),
    rotatedAt: key.rotatedAt?.toISOString() ?? null,
    previousExpiresAt: key.previousExpiresAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    lastAddress: key.lastAddress,
    createdAt: key.createdAt.toISOString(),
    updatedAt: key.updatedAt.toISOString(),
    version: key.version,
  };
}

export function toIssuedApiKeyResponse({ key, text }: IssuedApiKey): IssuedApiKeyResponse {
  return { ...toApiKeyResponse(key), key: text };
}
