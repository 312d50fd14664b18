import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Somebody has come back from a provider; the application may exchange this once for their tokens. */
@Entity({ schema: '@tenant', name: 'sign_in_codes' })
export class SignInCode {
  @PrimaryColumn('bytea')
  hash: Buffer;

  @Column('uuid', { name: 'provider_id' })
  providerId: string;

  @Column('uuid', { name: 'user_id' })
  userId: string;

  @Column('text', { name: 'code_challenge', nullable: true })
  codeChallenge: string | null;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;
}
