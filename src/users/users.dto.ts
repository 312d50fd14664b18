import { ApiProperty } from '@nestjs/swagger';
import type { ListSpec } from '../platform/http/list-query.ts';
import { Email, Flag, NewPassword, Text, Texts } from '../platform/http/fields.ts';
import type { UserRow } from './users.types.ts';

const NAME = { max: 100 };

export class CreateUserBody {
  @Email()
  email: string;
  @Text(NAME)
  firstName: string;
  @Text(NAME)
  lastName: string;
  @NewPassword({ optional: true, description: 'Without one the person cannot sign in until they choose one' })
  password?: string;
  @Texts({ max: 10, length: 50, optional: true, description: 'Keys of roles; member when not given' })
  roles?: string[];
}

export class UpdateUserBody {
  @Email({ optional: true })
  email?: string;
  @Text({ ...NAME, optional: true })
  firstName?: string;
  @Text({ ...NAME, optional: true })
  lastName?: string;
  @Flag({ optional: true, description: 'false deactivates the person: sessions end, open tasks become unassigned' })
  active?: boolean;
}

export class UpdateProfileBody {
  @Text({ ...NAME, optional: true })
  firstName?: string;
  @Text({ ...NAME, optional: true })
  lastName?: string;
}

export class SetRolesBody {
  @Texts({ max: 10, length: 50, description: 'Keys of all roles the person shall have' })
  roles: string[];
}

export const USER_LIST: ListSpec = {
  filters: {
    email: { kind: 'text' },
    kind: { kind: 'choice', choices: ['person', 'service'] },
    active: { kind: 'flag' },
    createdAt: { kind: 'time' },
  },
  sorts: ['createdAt', 'email', 'firstName', 'lastName'],
  defaultSort: 'createdAt',
};

export class UserResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;
  @ApiProperty({ enum: ['person', 'service'], description: 'A service account is a program’s' })
  kind: string;
  @ApiProperty({ format: 'email' })
  email: string;
  @ApiProperty()
  firstName: string;
  @ApiProperty()
  lastName: string;
  @ApiProperty()
  active: boolean;
  @ApiProperty({ description: 'Whether mails to the address are known to arrive' })
  emailVerified: boolean;
  @ApiProperty({ type: [String], example: ['member'] })
  roles: string[];
  @ApiProperty({ format: 'date-time', nullable: true, type: String })
  lastLoginAt: string | null;
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export function toUserResponse(user: UserRow): UserResponse {
  const {
    id,
    kind,
    email,
    firstName,
    lastName,
    active,
    emailVerifiedAt,
    roles,
    lastLoginAt,
    createdAt,
    updatedAt,
    version,
  } = user;
  return {
    id,
    kind,
    email,
    firstName,
    lastName,
    active,
    emailVerified: emailVerifiedAt !== null,
    roles,
    lastLoginAt: lastLoginAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    version,
  };
}
