import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Attempts in a row without success, for addresses that exist and for those that do not. */
@Entity({ schema: '@tenant', name: 'failed_sign_ins' })
export class FailedSignIn {
  /** SHA-256 of what was tried: an address is not kept readable here. */
  @PrimaryColumn('bytea')
  key: Buffer;

  @Column('integer')
  failures: number;

  @Column('timestamptz', { name: 'last_at' })
  lastAt: Date;
}
