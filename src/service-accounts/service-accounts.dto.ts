import { ApiProperty } from '@nestjs/swagger';
import type { ListSpec } from '../platform/http/list-query.ts';
import { Name, Texts } from '../platform/http/fields.ts';
import type { UserRow } from '../users/users.types.ts';

const ROLES = { max: 10, length: 50, description: 'Keys of all roles it shall have; not owner' };

export class CreateServiceAccountBody {
  @Name({ max: 100 })
  name: string;
  @Texts(ROLES)
  roles: string[];
}

export class UpdateServiceAccountBody {
  @Name({ max: 100, optional: true })
  name?: string;
  @Texts({ ...ROLES, optional: true })
  roles?: string[];
}

export const SERVICE_ACCOUNT_LIST: ListSpec = {
  filters: { createdAt: { kind: 'time' } },
  sorts: ['createdAt'],
  defaultSort: 'createdAt',
};

export class ServiceAccountResponse {
  @ApiProperty({ format: 'uuid', description: 'Also the id of the user as whom it acts' })
  id: string;
  @ApiProperty()
  name: string;
  @ApiProperty({ type: [String], example: ['member'] })
  roles: string[];
  @ApiProperty({ format: 'date-time' })
  createdAt: string;
  @ApiProperty({ format: 'date-time' })
  updatedAt: string;
  @ApiProperty()
  version: number;
}

export function toServiceAccountResponse(account: UserRow): ServiceAccountResponse {
  const { id, firstName, roles, createdAt, updatedAt, version } = account;
  return {
    id,
    name: firstName,
    roles,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    version,
  };
}
