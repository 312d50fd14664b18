import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** Somebody wants another address; it is theirs once both the old one and the new one have confirmed it. */
@Entity({ schema: '@tenant', name: 'email_changes' })
export class EmailChange {
  @PrimaryColumn('uuid', { name: 'user_id' })
  userId: string;

  @Column('text')
  email: string;

  @Column('timestamptz', { name: 'old_confirmed_at', nullable: true })
  oldConfirmedAt: Date | null;

  @Column('timestamptz', { name: 'new_confirmed_at', nullable: true })
  newConfirmedAt: Date | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;
}
