import { ApiProperty } from '@nestjs/swagger';
import { Choice, Id, Line, Text } from '../platform/http/fields.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import { TEAM_ROLES, type TeamRole } from './team.types.ts';
import type { TeamMemberRow, TeamOfUserRow, TeamRow } from './teams.queries.ts';

const NAME = { max: 100, description: 'Unique in the organisation, without regard to case' };
const DESCRIPTION = { min: 0, max: 2_000, optional: true, nullable: true };

export class CreateTeamBody {
  @Line(NAME)
  name: string;
  @Text(DESCRIPTION)
  description?: string | null;
}

export class UpdateTeamBody {
  @Line({ ...NAME, optional: true })
  name?: string;
  @Text(DESCRIPTION)
  description?: string | null;
}

export class AddTeamMemberBody {
  @Id()
  userId: string;
  @Choice(TEAM_ROLES, { optional: true, description: 'member when not given' })
  role?: TeamRole;
}

export class ChangeTeamMemberBody {
  @Choice(TEAM_ROLES)
  role: TeamRole;
}

export const TEAM_LIST: ListSpec = {
  filters: { name: { kind: 'text' }, createdAt: { kind: 'time' } },
  sorts: ['name', 'createdAt'],
  defaultSort: 'name',
};

const ROLE = { kind: 'choice', choices: TEAM_ROLES } as const;

export const TEAM_OF_USER_LIST: ListSpec = { ...TEAM_LIST, filters: { ...TEAM_LIST.filters, role: ROLE } };

export const TEAM_MEMBER_LIST: ListSpec = {
  // No address: not everybody who sees the members may see those.
  filters: {
    role: ROLE,
    firstName: { kind: 'text' },
    lastName: { kind: 'text' },
    name: { kind: 'text' },
    createdAt: { kind: 'time' },
  },
  sorts: ['createdAt', 'firstName', 'lastName', 'name'],
  defaultSort: 'createdAt',
};

export class TeamResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ type: String, nullable: true })
  description: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export class TeamOfUserResponse extends TeamResponse {
  @ApiProperty({ enum: TEAM_ROLES, description: 'What the person is in the team' })
  role: TeamRole;
}

export class TeamMemberResponse {
  @ApiProperty({ format: 'uuid' })
  userId: string;
  @ApiProperty()
  firstName: string;
  @ApiProperty()
  lastName: string;
  @ApiProperty({ type: String, nullable: true, description: 'null without the permission user.read' })
  email: string | null;
  @ApiProperty({ enum: TEAM_ROLES })
  role: TeamRole;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

export function toTeamResponse({ id, name, description, createdAt, updatedAt, version }: TeamRow): TeamResponse {
  return { id, name, description, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString(), version };
}

export function toTeamOfUserResponse({ role, ...team }: TeamOfUserRow): TeamOfUserResponse {
  return { ...toTeamResponse(team), role };
}

/** Addresses are for those who may see people anyway. */
export function toTeamMemberResponse(
  { userId, firstName, lastName, email, role, createdAt }: TeamMemberRow,
  seesPeople: boolean,
): TeamMemberResponse {
  return { userId, firstName, lastName, email: seesPeople ? email : null, role, createdAt: createdAt.toISOString() };
}
