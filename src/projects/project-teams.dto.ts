import { ApiProperty } from '@nestjs/swagger';
import { PROJECT_ROLES, type ProjectRole } from '../platform/access/permissions.ts';
import { Choice } from '../platform/http/fields.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import type { ProjectTeamRow } from './project-teams.queries.ts';

export class GiveToTeamBody {
  @Choice(PROJECT_ROLES, { description: 'What everybody in the team is in the project, unless they are more by name' })
  role: ProjectRole;
}

export const PROJECT_TEAM_LIST: ListSpec = {
  filters: { role: { kind: 'choice', choices: PROJECT_ROLES } },
  sorts: ['name', 'createdAt'],
  defaultSort: 'name',
};

export class ProjectTeamResponse {
  @ApiProperty({ format: 'uuid' })
  teamId: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ enum: PROJECT_ROLES })
  role: ProjectRole;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

export function toProjectTeamResponse({ teamId, name, role, createdAt }: ProjectTeamRow): ProjectTeamResponse {
  return { teamId, name, role, createdAt: createdAt.toISOString() };
}
