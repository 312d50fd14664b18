import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { Choice } from '../platform/http/fields.ts';
import { ROUNDINGS, ROUNDING_MODES, type Rounding, type RoundingMode, type TimeRules } from './time-entry.types.ts';

export class PutTimeRulesBody {
  @IsIn(ROUNDINGS, { message: `roundTo must be one of ${ROUNDINGS.join(', ')}.` })
  @ApiProperty({ type: 'integer', enum: ROUNDINGS, description: 'Minutes; 0 does not round' })
  roundTo: Rounding;
  @Choice(ROUNDING_MODES)
  mode: RoundingMode;
}

export class TimeRulesResponse {
  @ApiProperty({ type: 'integer', enum: ROUNDINGS, description: 'Minutes; 0 does not round' })
  roundTo: number;
  @ApiProperty({ enum: ROUNDING_MODES })
  mode: string;
}

export function toTimeRulesResponse({ roundTo, mode }: TimeRules): TimeRulesResponse {
  return { roundTo, mode };
}
