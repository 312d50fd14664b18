import { ApiProperty } from '@nestjs/swagger';
import { Choice, Id, Nested, NestedList, Whole } from '../platform/http/fields.ts';
import { UpdateTaskBody } from '../tasks/tasks.dto.ts';
import {
  BULK_ACTIONS,
  BULK_MODES,
  BULK_STATES,
  MOST_IN_BACKGROUND,
  type BulkAction,
  type BulkFailure,
  type BulkMode,
  type BulkOperation,
  type BulkResult,
  type BulkRun,
  type BulkState,
} from './bulk.types.ts';

class BulkTaskBody extends UpdateTaskBody {
  @Id({ optional: true, description: 'Of a new task' })
  projectId?: string;
}

class BulkOperationBody implements BulkOperation {
  @Choice(BULK_ACTIONS)
  action: BulkAction;
  @Id({ optional: true, description: 'The task; not for one that is created' })
  id?: string;
  @Whole({
    min: 1,
    max: 999_999_999,
    optional: true,
    description: 'The version that the operation is based on, as If-Match',
  })
  version?: number;
  @Nested(() => BulkTaskBody, { optional: true, description: 'The fields of a new task, or what changes' })
  task?: BulkTaskBody;
  @Id({ optional: true, nullable: true, description: 'To move: the task that it shall stand directly behind' })
  afterId?: string | null;
  @Id({ optional: true, nullable: true, description: 'To move: the task that it shall stand directly before' })
  beforeId?: string | null;
}

export class RunBulkBody {
  @Choice(BULK_MODES, {
    optional: true,
    description: 'All or nothing, or each operation by itself; atomic when not given',
  })
  mode?: BulkMode;
  @NestedList(() => BulkOperationBody, {
    min: 1,
    max: MOST_IN_BACKGROUND,
    description: 'In the order in which they are done',
  })
  operations: BulkOperationBody[];
}

class BulkErrorDetailResponse {
  @ApiProperty({ example: '/operations/3/task/title' })
  pointer: string;
  @ApiProperty()
  code: string;
  @ApiProperty()
  message: string;
}

class BulkFailureResponse {
  @ApiProperty()
  code: string;
  @ApiProperty()
  message: string;
  @ApiProperty({ type: [BulkErrorDetailResponse] })
  details: BulkErrorDetailResponse[];
}

class BulkResultResponse {
  @ApiProperty({ enum: ['done', 'failed'] })
  status: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true })
  id: string | null;
  @ApiProperty({ type: Number, nullable: true, required: false, description: 'null for a task that was deleted' })
  version?: number | null;
  @ApiProperty({ type: BulkFailureResponse, required: false })
  error?: BulkFailure;
}

export class BulkRunResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: BULK_MODES })
  mode: BulkMode;
  @ApiProperty({ enum: BULK_STATES })
  state: BulkState;
  @ApiProperty()
  total: number;
  @ApiProperty({ description: 'Operations that were carried out' })
  done: number;
  @ApiProperty({ description: 'Operations that failed; the mode each goes on with the next' })
  failed: number;
  @ApiProperty({ type: [BulkResultResponse], description: 'In the order of the operations, as far as it has come' })
  results: BulkResult[];
  @ApiProperty({ type: BulkFailureResponse, nullable: true, description: 'Why none of it was done, or not the rest' })
  error: BulkFailure | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time', type: String, nullable: true })
  finishedAt: string | null;
}

export function toBulkRunResponse(run: BulkRun): BulkRunResponse {
  const { id, mode, state, total, results, error, createdAt, finishedAt } = run;
  const failed = results.filter(({ status }) => status === 'failed').length;
  return {
    id,
    mode,
    state,
    total,
    done: results.length - failed,
    failed,
    results,
    error,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
