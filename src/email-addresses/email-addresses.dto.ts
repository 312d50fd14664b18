import { ApiProperty } from '@nestjs/swagger';
import { Email, Secret } from '../platform/http/fields.ts';

export class ChangeEmailBody {
  @Email()
  email: string;
}

export class EmailTokenBody {
  @Secret({ max: 200, description: 'From the mail' })
  token: string;
}

export class EmailChangeResponse {
  @ApiProperty({ format: 'email', description: 'The address that is to be' })
  email: string;
  @ApiProperty({ description: 'Whether the address that is left has confirmed it' })
  oldConfirmed: boolean;
  @ApiProperty({ description: 'Whether the new address has confirmed it; with both it is changed' })
  newConfirmed: boolean;
}
