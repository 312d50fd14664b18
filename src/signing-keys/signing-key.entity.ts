import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { JWK } from 'jose';

/** A key that access tokens are signed with. Lives in the registry: all tenants' tokens are signed by the same keys. */
@Entity({ schema: 'public', name: 'signing_keys' })
export class SigningKey {
  @PrimaryColumn('text')
  kid: string;

  /** The one algorithm that is accepted for this key (RFC 8725, 3.1). */
  @Column('text')
  algorithm: string;

  @Column('jsonb', { name: 'public_jwk' })
  publicJwk: JWK;

  /** PKCS#8 PEM, sealed under ENCRYPTION_KEY. */
  @Column('text', { name: 'private_key' })
  privateKey: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** No longer signs; still published until tokens made with it have expired. */
  @Column('timestamptz', { name: 'retired_at', nullable: true })
  retiredAt: Date | null;
}
