import { ApiProperty } from '@nestjs/swagger';
import type { ListSpec } from '../platform/http/list-query.ts';
import { PROJECT_ROLES, type ProjectRole } from '../platform/access/permissions.ts';
import { Choice, Day, Id, Json, Line, Money, Nested, Text } from '../platform/http/fields.ts';
import { PROJECT_STATUSES, type ProjectStatus } from './project.types.ts';
import type { ProjectTeamRow } from './project-membership.queries.ts';
import type { DeletedProjectRow, MemberRow, ProjectRow } from './projects.queries.ts';

/** ISO 4217. */
const CURRENCIES = Intl.supportedValuesOf('currency');

export class BudgetBody {
  @Money({ digits: 10 })
  amount: string;
  @Choice(CURRENCIES, { optional: true, description: 'ISO 4217; USD when not given' })
  currency?: string;
}

export class CreateProjectBody {
  @Line({ max: 200 })
  name: string;
  @Text({ min: 0, max: 50_000, optional: true, nullable: true, description: 'Markdown' })
  description?: string | null;
  @Choice(PROJECT_STATUSES, { optional: true, description: 'active when not given' })
  status?: ProjectStatus;
  @Day({ optional: true, nullable: true })
  startDate?: string | null;
  @Day({ optional: true, nullable: true })
  endDate?: string | null;
  @Nested(() => BudgetBody, { optional: true, nullable: true })
  budget?: BudgetBody | null;
  @Id({ optional: true, description: 'The actor when not given' })
  ownerId?: string;
  @Json({ optional: true, maxBytes: 20_000, description: "The client's own" })
  settings?: Record<string, unknown>;
}

export class UpdateProjectBody {
  @Line({ max: 200, optional: true })
  name?: string;
  @Text({ min: 0, max: 50_000, optional: true, nullable: true, description: 'Markdown' })
  description?: string | null;
  @Choice(PROJECT_STATUSES, { optional: true })
  status?: ProjectStatus;
  @Day({ optional: true, nullable: true })
  startDate?: string | null;
  @Day({ optional: true, nullable: true })
  endDate?: string | null;
  @Nested(() => BudgetBody, { optional: true, nullable: true })
  budget?: BudgetBody | null;
  @Id({ optional: true })
  ownerId?: string;
  @Json({ optional: true, maxBytes: 20_000 })
  settings?: Record<string, unknown>;
}

export class AddMemberBody {
  @Id()
  userId: string;
  @Choice(PROJECT_ROLES, { optional: true, description: 'member when not given' })
  role?: ProjectRole;
}

export class ChangeMemberBody {
  @Choice(PROJECT_ROLES)
  role: ProjectRole;
}

export class GiveToTeamBody {
  @Choice(PROJECT_ROLES, { description: 'What everybody in the team is in the project, unless they are more by name' })
  role: ProjectRole;
}

export const PROJECT_LIST: ListSpec = {
  filters: {
    status: { kind: 'choice', choices: PROJECT_STATUSES },
    id: { kind: 'id' },
    ownerId: { kind: 'id', person: true },
    name: { kind: 'text' },
    description: { kind: 'text', nullable: true },
    budgetAmount: { kind: 'number', nullable: true },
    budgetCurrency: { kind: 'choice', choices: CURRENCIES },
    startDate: { kind: 'day', nullable: true },
    endDate: { kind: 'day', nullable: true },
    createdAt: { kind: 'time' },
    updatedAt: { kind: 'time' },
    version: { kind: 'number' },
  },
  sorts: [
    'createdAt',
    'updatedAt',
    'name',
    'status',
    'startDate',
    'endDate',
    'ownerId',
    'budgetAmount',
    'budgetCurrency',
    'version',
  ],
  defaultSort: '-createdAt',
  words: 'optional',
};

export const DELETED_PROJECT_LIST: ListSpec = {
  filters: { name: { kind: 'text' }, deletedAt: { kind: 'time' } },
  sorts: ['deletedAt', 'name'],
  defaultSort: '-deletedAt',
};

export const MEMBER_LIST: ListSpec = {
  // No address: not everybody who sees the members may see those.
  filters: {
    role: { kind: 'choice', choices: PROJECT_ROLES },
    firstName: { kind: 'text' },
    lastName: { kind: 'text' },
    name: { kind: 'text' },
    createdAt: { kind: 'time' },
  },
  sorts: ['createdAt', 'firstName', 'lastName', 'name'],
  defaultSort: 'createdAt',
};

export const PROJECT_TEAM_LIST: ListSpec = {
  filters: { role: { kind: 'choice', choices: PROJECT_ROLES } },
  sorts: ['name', 'createdAt'],
  defaultSort: 'name',
};

export class BudgetResponse {
  @ApiProperty({ example: '1250.00' })
  amount: string;
  @ApiProperty({ example: 'USD' })
  currency: string;
}

export class ProjectResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ type: String, nullable: true })
  description: string | null;
  @ApiProperty({ enum: PROJECT_STATUSES })
  status: ProjectStatus;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  startDate: string | null;
  @ApiProperty({ type: String, format: 'date', nullable: true })
  endDate: string | null;
  @ApiProperty({ type: BudgetResponse, nullable: true })
  budget: BudgetResponse | null;
  @ApiProperty({ format: 'uuid' })
  ownerId: string;
  @ApiProperty({ type: 'object', additionalProperties: true })
  settings: Record<string, unknown>;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export class DeletedProjectResponse extends ProjectResponse {
  @ApiProperty({ format: 'date-time' })
  deletedAt: string;
}

export class MemberResponse {
  @ApiProperty({ format: 'uuid' })
  userId: string;
  @ApiProperty()
  firstName: string;
  @ApiProperty()
  lastName: string;
  @ApiProperty({ type: String, nullable: true, description: 'null without the permission user.read' })
  email: string | null;
  @ApiProperty({ enum: PROJECT_ROLES })
  role: ProjectRole;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
}

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

export function toProjectResponse({
  budgetAmount,
  budgetCurrency,
  createdAt,
  updatedAt,
  ...project
}: ProjectRow): ProjectResponse {
  const { id, name, description, status, startDate, endDate, ownerId, settings, version } = project;
  return {
    id,
    name,
    description,
    status,
    startDate,
    endDate,
    budget: budgetAmount === null ? null : { amount: budgetAmount, currency: budgetCurrency },
    ownerId,
    settings,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    version,
  };
}

export function toDeletedProjectResponse({ deletedAt, ...project }: DeletedProjectRow): DeletedProjectResponse {
  return { ...toProjectResponse(project), deletedAt: deletedAt.toISOString() };
}

/** Addresses are for those who may see people anyway. */
export function toMemberResponse({ createdAt, email, ...member }: MemberRow, seesPeople: boolean): MemberResponse {
  return { ...member, email: seesPeople ? email : null, createdAt: createdAt.toISOString() };
}

export function toProjectTeamResponse({ teamId, name, role, createdAt }: ProjectTeamRow): ProjectTeamResponse {
  return { teamId, name, role, createdAt: createdAt.toISOString() };
}
