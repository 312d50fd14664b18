import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';
import type { JWK } from 'jose';
import type { KeyState, SigningAlgorithm } from './signing-keys.types.ts';

/** A key that tokens are signed with. Lives in the registry: all tenants' tokens are signed by the same keys. */
@Entity({ schema: 'public', name: 'signing_keys' })
export class SigningKey {
  @PrimaryColumn('text')
  kid: string;

  /** The one algorithm that is accepted for this key (RFC 8725, 3.1). */
  @Column('text')
  algorithm: SigningAlgorithm;

  @Column('jsonb', { name: 'public_jwk' })
  publicJwk: JWK;

  /** PKCS#8 PEM, sealed under ENCRYPTION_KEY. */
  @Column('text', { name: 'private_key' })
  privateKey: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  /** From then on it signs. */
  @Column('timestamptz', { name: 'activated_at', nullable: true })
  activatedAt: Date | null;

  /** No longer signs; still published until tokens made with it have expired. */
  @Column('timestamptz', { name: 'retired_at', nullable: true })
  retiredAt: Date | null;

  get state(): KeyState {
    if (this.retiredAt) return 'previous';
    return this.activatedAt ? 'current' : 'next';
  }

  /** When it came into its state. */
  get since(): Date {
    return this.retiredAt ?? this.activatedAt ?? this.createdAt;
  }
}
