import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';
import type { UserKind } from './users.types.ts';

@Entity({ schema: '@tenant', name: 'users' })
export class User {
  @PrimaryColumn('uuid')
  id: string;

  /** As it was typed: what is shown and mailed to. */
  @Column('text')
  email: string;

  /** As canonicalAddress() spells it: unique, and what they are found by. Null until a job has completed an old row. */
  @Column('text', { name: 'canonical_email', nullable: true })
  canonicalEmail: string | null;

  @Column('text', { name: 'first_name' })
  firstName: string;

  @Column('text', { name: 'last_name' })
  lastName: string;

  /** What they are at work. */
  @Column('text', { nullable: true })
  title: string | null;

  /** IANA name, such as `Europe/Berlin`. */
  @Column('text', { name: 'time_zone', nullable: true })
  timeZone: string | null;

  /** BCP 47, such as `de-CH`. */
  @Column('text', { nullable: true })
  locale: string | null;

  /** Which picture shows them; the module of avatars knows where it is. */
  @Column('text', { nullable: true })
  avatar: string | null;

  /** A service account is a program's: it is found among people as an assignee or author, and never signs in. */
  @Column('text', { default: 'person' })
  kind: UserKind;

  @Column('boolean')
  active: boolean;

  /** When they proved that mails to this address reach them. */
  @Column('timestamptz', { name: 'email_verified_at', nullable: true })
  emailVerifiedAt: Date | null;

  @Column('timestamptz', { name: 'last_login_at', nullable: true })
  lastLoginAt: Date | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** Which roles a person has in the organisation; that each of them exists, is kept by the services that write it. */
  @Column('uuid', { name: 'role_ids', array: true, default: [] })
  roleIds: string[];

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  /** From then on nobody is found here: the row stays for what refers to it, and says nothing of whom it was. */
  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;

  @VersionColumn()
  version: number;
}
