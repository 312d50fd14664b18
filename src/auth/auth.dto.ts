import { ApiProperty } from '@nestjs/swagger';
import { Secret, Text } from '../platform/http/fields.ts';
import { UserResponse, toUserResponse } from '../users/users.dto.ts';
import type { SignedIn } from './auth.service.ts';

export class LoginBody {
  @Text({ max: 255 })
  email: string;
  @Secret({ max: 128 })
  password: string;
}

export class RefreshBody {
  @Secret({ max: 200 })
  refreshToken: string;
}

export class SignedInResponse {
  @ApiProperty({ type: UserResponse })
  user: UserResponse;
  @ApiProperty({ description: 'JWT, sent as Authorization: Bearer' })
  accessToken: string;
  @ApiProperty({ description: 'Opaque, single use: every refresh gives the next one' })
  refreshToken: string;
  @ApiProperty({ description: 'Life of the access token in seconds', example: 600 })
  expiresIn: number;
}

export function toSignedInResponse({ user, accessToken, refreshToken, expiresIn }: SignedIn): SignedInResponse {
  return { user: toUserResponse(user), accessToken, refreshToken, expiresIn };
}
