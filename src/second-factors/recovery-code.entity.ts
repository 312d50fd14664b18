import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One of ten ways back in for somebody who lost their second factor. */
@Entity({ schema: '@tenant', name: 'recovery_codes' })
export class RecoveryCode {
  @PrimaryColumn('uuid', { name: 'user_id' })
  userId: string;

  /** SHA-256: 120 random bits need no salt and no slow hash (OWASP ASVS 5.0, 6.5.2). */
  @PrimaryColumn('bytea')
  hash: Buffer;

  @Column('timestamptz', { name: 'used_at', nullable: true })
  usedAt: Date | null;
}
