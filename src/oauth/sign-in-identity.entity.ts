import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** Who somebody is at a provider. Once linked it is by this alone that they are known, whatever their address becomes. */
@Entity({ schema: '@tenant', name: 'sign_in_identities' })
export class SignInIdentity {
  @PrimaryColumn('uuid', { name: 'provider_id' })
  providerId: string;

  @PrimaryColumn('text')
  subject: string;

  @Column('uuid', { name: 'user_id' })
  userId: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @Column('timestamptz', { name: 'last_used_at' })
  lastUsedAt: Date;
}
