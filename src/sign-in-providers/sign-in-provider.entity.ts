import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';
import type { ProviderKind } from './sign-in-providers.types.ts';

/** Somebody who vouches for people of the organisation. Kind, issuer and directory stay: identities hang on them. */
@Entity({ schema: '@tenant', name: 'sign_in_providers' })
export class SignInProvider {
  @PrimaryColumn('uuid')
  id: string;

  /** Its name in addresses. */
  @Column('text')
  key: string;

  @Column('text')
  name: string;

  @Column('text')
  kind: ProviderKind;

  /** Of an OpenID provider; of a GitHub of one's own its address; null where the kind says it. */
  @Column('text', { nullable: true })
  issuer: string | null;

  /** The directory (tenant) at Microsoft. */
  @Column('text', { nullable: true })
  directory: string | null;

  @Column('text', { name: 'client_id' })
  clientId: string;

  /** Sealed for this organisation and row; null for a client that has none. */
  @Column('text', { name: 'client_secret', nullable: true })
  clientSecret: string | null;

  /** Besides those that the kind needs. */
  @Column('text', { array: true })
  scopes: string[];

  /** Of e-mail addresses; all when there are none. */
  @Column('text', { array: true })
  domains: string[];

  /** Whether somebody who has no account gets one. */
  @Column('boolean', { name: 'create_users' })
  createUsers: boolean;

  /** The key of the role that they get. */
  @Column('text')
  role: string;

  /** Nobody but owners signs in by password. */
  @Column('boolean')
  enforced: boolean;

  @Column('boolean')
  enabled: boolean;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @VersionColumn()
  version: number;
}
