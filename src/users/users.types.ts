export type UserKind = 'person' | 'service';

/** A person with the keys of their roles, highest first. */
export interface UserRow {
  id: string;
  kind: UserKind;
  email: string;
  firstName: string;
  lastName: string;
  active: boolean;
  lastLoginAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  version: number;
  roles: string[];
  level: number;
}
