export type UserKind = 'person' | 'service';

/** A person with the keys of their roles, highest first. */
export interface UserRow {
  id: string;
  kind: UserKind;
  email: string;
  firstName: string;
  lastName: string;
  title: string | null;
  timeZone: string | null;
  locale: string | null;
  /** Which picture shows them; null without one. */
  avatar: string | null;
  active: boolean;
  /** When mails to the address were last known to arrive. */
  emailVerifiedAt: Date | null;
  lastLoginAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  version: number;
  roles: string[];
  level: number;
}

/** What operators see of somebody: how they sign in, and whether they can. */
export interface AccountRow {
  id: string;
  email: string;
  active: boolean;
  roles: string[];
  secondFactor: boolean;
  /** The password was disabled after too many failures in a row. */
  locked: boolean;
}
