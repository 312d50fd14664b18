import { ApiProperty } from '@nestjs/swagger';

class TaskFiguresResponse {
  @ApiProperty()
  total: number;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' }, example: { todo: 3, done: 5 } })
  byStatus: Record<string, number>;
  @ApiProperty()
  open: number;
  @ApiProperty()
  done: number;
  @ApiProperty()
  cancelled: number;
  @ApiProperty({ description: 'Open and due before asOf' })
  overdue: number;
  @ApiProperty({ description: 'Open and nobody’s' })
  unassigned: number;
}

class HourFiguresResponse {
  @ApiProperty({ description: 'Sum of the estimates, cancelled tasks left out' })
  estimated: number;
  @ApiProperty({ description: 'Sum of the estimates of done tasks' })
  completed: number;
  @ApiProperty()
  remaining: number;
  @ApiProperty({ description: 'Time that was logged, also on cancelled tasks' })
  logged: number;
}

export class ProjectMetricsResponse {
  @ApiProperty({ format: 'uuid' })
  projectId: string;
  @ApiProperty({ format: 'date', description: 'The day that overdue is measured against, in UTC' })
  asOf: string;
  @ApiProperty({ type: TaskFiguresResponse })
  tasks: TaskFiguresResponse;
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'done / (all - cancelled), 0 to 1; null when nothing is in scope',
  })
  completion: number | null;
  @ApiProperty({ type: HourFiguresResponse })
  hours: HourFiguresResponse;
}
