import { ApiProperty } from '@nestjs/swagger';
import { STATUS_CATEGORIES, type StatusCategory } from '../history/history.types.ts';
import { Choice, Json, Line, NestedList, Pattern, Whole } from '../platform/http/fields.ts';
import { WIP_MODES, type VersionedWorkflow, type WipMode, type Workflow } from '../workflows/workflow.types.ts';

/** Not what every object has: keys are keys of an object in `moveTasks`. */
const KEY = /^(?!constructor$)[a-z][a-z0-9_]{0,49}$/;
const Key = () => Pattern(KEY, 'must be lower case letters, digits and _, beginning with a letter, such as in_review.');

export class StatusBody {
  @Key()
  key: string;
  @Line({ max: 100 })
  name: string;
  @Choice(STATUS_CATEGORIES, { description: 'What the status means to figures, whatever it is called' })
  category: StatusCategory;
  @Whole({
    min: 1,
    max: 10_000,
    optional: true,
    nullable: true,
    description: 'Most tasks at once; any number when null',
  })
  wipLimit?: number | null;
  @Choice(WIP_MODES, { optional: true, description: 'What happens beyond the limit; warn when not given' })
  wipMode?: WipMode;
}

export class TransitionBody {
  @Key()
  from: string;
  @Key()
  to: string;
}

export class ReplaceWorkflowBody {
  @NestedList(() => StatusBody, { min: 2, max: 30, description: 'In the order of the board' })
  statuses: StatusBody[];
  @NestedList(() => TransitionBody, {
    max: 870,
    optional: true,
    nullable: true,
    description: 'From every status to every other when null',
  })
  transitions?: TransitionBody[] | null;
  @Json({
    optional: true,
    maxBytes: 5_000,
    description: 'Where the tasks of a status go that there will be no more: { "old_key": "new_key" }',
  })
  moveTasks?: Record<string, unknown>;
}

export class StatusResponse {
  @ApiProperty({ example: 'in_review' })
  key: string;
  @ApiProperty({ example: 'In review' })
  name: string;
  @ApiProperty({ enum: STATUS_CATEGORIES })
  category: StatusCategory;
  @ApiProperty({ type: Number, nullable: true })
  wipLimit: number | null;
  @ApiProperty({ enum: WIP_MODES })
  wipMode: WipMode;
}

export class TransitionResponse {
  @ApiProperty()
  from: string;
  @ApiProperty()
  to: string;
}

export class WorkflowResponse {
  @ApiProperty({ type: [StatusResponse] })
  statuses: StatusResponse[];
  @ApiProperty({ type: [TransitionResponse], nullable: true, description: 'null: from every status to every other' })
  transitions: TransitionResponse[] | null;
  @ApiProperty({ description: '0: the workflow that every project starts with' })
  version: number;
}

export function toWorkflowResponse({ statuses, transitions, version }: VersionedWorkflow): WorkflowResponse {
  return {
    statuses: statuses.map(toStatusResponse),
    transitions: transitions?.map(({ from, to }) => ({ from, to })) ?? null,
    version,
  };
}

export function toStatusResponse({ key, name, category, wipLimit, wipMode }: StatusResponse): StatusResponse {
  return { key, name, category, wipLimit, wipMode };
}

export function toWorkflow({ statuses, transitions }: ReplaceWorkflowBody): Workflow {
  return {
    statuses: statuses.map(({ key, name, category, wipLimit = null, wipMode = 'warn' }) => ({
      key,
      name,
      category,
      wipLimit,
      wipMode,
    })),
    transitions: transitions?.map(({ from, to }) => ({ from, to })) ?? null,
  };
}

/** Where the tasks of each status go that there will be no more. */
export function toTargets({ moveTasks = {} }: ReplaceWorkflowBody): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(moveTasks));
}
