import { ApiProperty } from '@nestjs/swagger';
import { Scalar } from '../platform/http/fields.ts';
import type { SystemSetting } from './settings.types.ts';

export class SettingBody {
  @Scalar({ description: 'Of the kind that the setting has' })
  value: string | number | boolean;
}

export class SettingResponse {
  @ApiProperty({ example: 'sign-up.open' })
  key: string;
  @ApiProperty({ oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] })
  value: string | number | boolean;
  @ApiProperty()
  about: string;
  @ApiProperty({ description: 'Whether somebody has set it' })
  changed: boolean;
}

export function toSettingResponse({ key, value, about, changed }: SystemSetting): SettingResponse {
  return { key, value, about, changed };
}
