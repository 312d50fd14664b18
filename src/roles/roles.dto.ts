import { ApiProperty } from '@nestjs/swagger';
import type { Role } from './role.entity.ts';

export class RoleResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ example: 'manager' })
  key: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ description: 'Nobody acts on somebody of a higher level, or gives a role above their own' })
  level: number;
  @ApiProperty()
  builtIn: boolean;
  @ApiProperty({
    type: [String],
    example: ['project.read', 'task.update:involved'],
    description:
      'A permission, with `:member` or `:involved` when it holds only in own projects, or as assignee or reporter; `*` is everything',
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
  const { id, key, name, level, builtIn, grants, createdAt, updatedAt, version } = role;
  return {
    id,
    key,
    name,
    level,
    builtIn,
    grants,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    version,
  };
}
