import { Entity, PrimaryColumn } from 'typeorm';

/** Which roles a person has in the organisation. */
@Entity({ schema: '@tenant', name: 'user_roles' })
export class UserRole {
  @PrimaryColumn('uuid', { name: 'user_id' })
  userId: string;

  @PrimaryColumn('uuid', { name: 'role_id' })
  roleId: string;
}
