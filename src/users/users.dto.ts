import { ApiProperty } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import { InvalidInput } from '../platform/errors/app-error.ts';
import type { ListSpec } from '../platform/http/list-query.ts';
import { Email, Flag, Line, Locale, Name, NewPassword, Texts, TimeZone } from '../platform/http/fields.ts';
import type { UserRow } from './users.types.ts';

const NAME = { max: 100 };
const TITLE = { max: 100, optional: true, nullable: true, description: 'What they are at work' };
const CLEARABLE = { optional: true, nullable: true };

export class CreateUserBody {
  @Email()
  email: string;
  @Name(NAME)
  firstName: string;
  @Name(NAME)
  lastName: string;
  @NewPassword({ optional: true, description: 'Without one the person cannot sign in until they choose one' })
  password?: string;
  @Texts({ max: 10, length: 50, optional: true, description: 'Keys of roles; member when not given' })
  roles?: string[];
}

export class UpdateUserBody {
  @Email({ optional: true })
  email?: string;
  @Name({ ...NAME, optional: true })
  firstName?: string;
  @Name({ ...NAME, optional: true })
  lastName?: string;
  @Line(TITLE)
  title?: string | null;
  @TimeZone(CLEARABLE)
  timeZone?: string | null;
  @Locale(CLEARABLE)
  locale?: string | null;
  @Flag({ optional: true, description: 'false deactivates the person: sessions end, open tasks become unassigned' })
  active?: boolean;
}

export class UpdateProfileBody {
  @Name({ ...NAME, optional: true })
  firstName?: string;
  @Name({ ...NAME, optional: true })
  lastName?: string;
  @Line(TITLE)
  title?: string | null;
  @TimeZone(CLEARABLE)
  timeZone?: string | null;
  @Locale(CLEARABLE)
  locale?: string | null;
}

export class SetRolesBody {
  @Texts({ max: 10, length: 50, description: 'Keys of all roles the person shall have' })
  roles: string[];
}

export const USER_LIST: ListSpec = {
  filters: {
    email: { kind: 'text' },
    firstName: { kind: 'text' },
    lastName: { kind: 'text' },
    name: { kind: 'text' },
    kind: { kind: 'choice', choices: ['person', 'service'] },
    active: { kind: 'flag' },
    createdAt: { kind: 'time' },
  },
  sorts: ['createdAt', 'email', 'firstName', 'lastName', 'name'],
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
  @ApiProperty({ type: String, nullable: true })
  title: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'Europe/Berlin' })
  timeZone: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'de-CH' })
  locale: string | null;
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Below the address of the API; another one for another picture',
  })
  avatarUrl: string | null;
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

/** Who takes over from somebody who is deleted; null when it is not said. @throws InvalidInput */
export function toSuccessor({ reassignTo }: Record<string, unknown>): string | null {
  if (reassignTo === undefined) return null;
  if (typeof reassignTo === 'string' && isUUID(reassignTo)) return reassignTo.toLowerCase();
  throw new InvalidInput(
    [{ pointer: '?reassignTo', code: 'uuid', message: 'reassignTo must be a UUID.' }],
    'invalid_query',
  );
}

export function toUserResponse(user: UserRow): UserResponse {
  const {
    id,
    kind,
    email,
    firstName,
    lastName,
    title,
    timeZone,
    locale,
    avatar,
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
    title,
    timeZone,
    locale,
    avatarUrl: avatar === null ? null : `/api/v1/users/${id}/avatar?v=${avatar.slice(0, 12)}`,
    active,
    emailVerified: emailVerifiedAt !== null,
    roles,
    lastLoginAt: lastLoginAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    version,
  };
}
