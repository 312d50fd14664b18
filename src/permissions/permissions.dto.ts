import { ApiProperty } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import {
  CONDITIONS,
  PERMISSIONS,
  PROJECT_ROLES,
  conditionsOf,
  type Permission,
} from '../platform/access/permissions.ts';
import { QuestionRefused } from './permissions.errors.ts';
import type { EffectivePermission, ProjectSource, Reason } from './permissions.types.ts';

class FittingConditionResponse {
  @ApiProperty({ enum: Object.keys(CONDITIONS) })
  key: string;
  @ApiProperty({ example: 'on tasks that are assigned to the person' })
  description: string;
}

export class PermissionResponse {
  @ApiProperty({ example: 'task.update' })
  key: string;
  @ApiProperty({ example: 'change, assign and move tasks' })
  description: string;
  @ApiProperty({ type: [FittingConditionResponse], description: 'Those that it can carry: task.update:assignee' })
  conditions: FittingConditionResponse[];
}

class NamedResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty()
  name: string;
}

class ProjectReasonResponse extends NamedResponse {
  @ApiProperty({ enum: PROJECT_ROLES })
  role: string;
  @ApiProperty({
    type: NamedResponse,
    nullable: true,
    description: 'The team that was given the project; null: by name',
  })
  team: NamedResponse | null;
}

class ReasonResponse {
  @ApiProperty({ type: String, nullable: true, enum: Object.keys(CONDITIONS), description: 'null: on every record' })
  condition: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'The role in the organisation that gives it' })
  role: string | null;
  @ApiProperty({ type: ProjectReasonResponse, nullable: true, description: 'The role in a project that gives it' })
  project: ProjectReasonResponse | null;
}

export class EffectivePermissionResponse {
  @ApiProperty({ example: 'task.update' })
  permission: string;
  @ApiProperty({ description: 'On every record: of the organisation, or of the project that was asked for' })
  everywhere: boolean;
  @ApiProperty({
    type: [String],
    enum: Object.keys(CONDITIONS),
    description: 'Otherwise on the records that meet one of these; empty when it comes from roles in projects alone',
  })
  conditions: string[];
  @ApiProperty({ description: 'Whether a role in a project gives it, too' })
  inProjects: boolean;
  @ApiProperty({ type: [ReasonResponse], required: false, description: 'With explain=true' })
  reasons?: ReasonResponse[];
}

export function permissionResponses(): PermissionResponse[] {
  return Object.entries(PERMISSIONS).map(([key, description]) => ({
    key,
    description,
    conditions: conditionsOf(key as Permission).map((each) => ({ key: each, description: CONDITIONS[each] })),
  }));
}

export interface Question {
  projectId?: string;
  explain: boolean;
}

/** @throws QuestionRefused */
export function toQuestion({ projectId, explain }: Record<string, unknown>): Question {
  if (projectId !== undefined && !isUUID(projectId)) throw new QuestionRefused('projectId', 'id', 'must be a UUID');
  if (explain !== undefined && explain !== 'true' && explain !== 'false')
    throw new QuestionRefused('explain', 'boolean', 'must be true or false');
  return { projectId: projectId as string | undefined, explain: explain === 'true' };
}

export function toEffectivePermissionResponse(
  { permission, everywhere, conditions, inProjects, reasons }: EffectivePermission,
  { explain }: Question,
): EffectivePermissionResponse {
  const answer = { permission, everywhere, conditions, inProjects };
  return explain ? { ...answer, reasons: reasons.map(toReasonResponse) } : answer;
}

function toReasonResponse({ condition, role, project }: Reason): ReasonResponse {
  return { condition, role, project: project && toProjectReason(project) };
}

function toProjectReason({ projectId, projectName, role, teamId, teamName }: ProjectSource): ProjectReasonResponse {
  const team = teamId !== null && teamName !== null ? { id: teamId, name: teamName } : null;
  return { id: projectId, name: projectName, role, team };
}
