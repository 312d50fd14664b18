import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Somebody has been sent to a provider and is expected back, once. */
@Entity({ schema: '@tenant', name: 'sign_in_attempts' })
export class SignInAttempt {
  /** Of the state, from which the rest that must stay secret is derived. */
  @PrimaryColumn('bytea')
  hash: Buffer;

  @Column('uuid', { name: 'provider_id' })
  providerId: string;

  /** Of what the browser keeps in a cookie. */
  @Column('bytea', { name: 'browser_hash' })
  browserHash: Buffer;

  @Column('text', { name: 'return_to' })
  returnTo: string;

  @Column('text', { name: 'redirect_uri' })
  redirectUri: string;

  /** Of the application that asked for it, if it is one that proves itself at the exchange. */
  @Column('text', { name: 'code_challenge', nullable: true })
  codeChallenge: string | null;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;
}
