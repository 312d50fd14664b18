import { ApiProperty } from '@nestjs/swagger';
import { Line, Pattern, Text, Texts, Whole } from '../platform/http/fields.ts';
import type { Role } from './role.entity.ts';

const NAME = { max: 100 };
const DESCRIPTION = { min: 0, max: 2_000, optional: true, nullable: true };
const LEVEL = { min: 1, max: 50, description: 'No higher than your own' };
const GRANTS = {
  max: 200,
  length: 60,
  description: 'Permissions of GET /permissions, each alone or with one of its conditions: task.update:assignee',
};

export class CreateRoleBody {
  @Pattern(/^[a-z][a-z0-9-]{0,49}$/, 'key must begin with a letter and have up to 50 of a-z, 0-9 and hyphens.')
  key: string;
  @Line(NAME)
  name: string;
  @Text(DESCRIPTION)
  description?: string | null;
  @Whole(LEVEL)
  level: number;
  @Texts(GRANTS)
  grants: string[];
}

export class UpdateRoleBody {
  @Line({ ...NAME, optional: true })
  name?: string;
  @Text(DESCRIPTION)
  description?: string | null;
  @Whole({ ...LEVEL, optional: true })
  level?: number;
  @Texts({ ...GRANTS, optional: true })
  grants?: string[];
}

export class RoleResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'manager' })
  key: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ type: String, nullable: true })
  description: string | null;
  @ApiProperty({ description: 'Nobody acts on somebody of a higher level, or gives a role above their own' })
  level: number;
  @ApiProperty()
  builtIn: boolean;
  @ApiProperty({
    type: [String],
    example: ['project.read', 'task.update:involved'],
    description:
      'A permission, followed by a condition (`:member`, `:assignee`, ...) when it holds on some records only; `*` is everything',
  })
  grants: string[];
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export function toRoleResponse(role: Role): RoleResponse {
  const { id, key, name, description, level, builtIn, grants, createdAt, updatedAt, version } = role;
  return {
    id,
    key,
    name,
    description,
    level,
    builtIn,
    grants,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    version,
  };
}
