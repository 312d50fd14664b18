import { ApiProperty } from '@nestjs/swagger';
import { toUserResponse } from '../users/users.dto.ts';
import type { UserRow } from '../users/users.types.ts';

export class AvatarResponse {
  @ApiProperty({ format: 'uuid' })
  userId: string;
  @ApiProperty({ type: String, nullable: true, description: 'As in the person' })
  avatarUrl: string | null;
}

export function toAvatarResponse(user: UserRow): AvatarResponse {
  return { userId: user.id, avatarUrl: toUserResponse(user).avatarUrl };
}
