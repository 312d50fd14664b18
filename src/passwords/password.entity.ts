import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: '@tenant', name: 'passwords' })
export class Password {
  @PrimaryColumn('uuid', { name: 'user_id' })
  userId: string;

  /** argon2id in PHC notation. */
  @Column('text')
  hash: string;

  /** Long enough only beside a second factor. */
  @Column('boolean')
  short: boolean;

  @Column('timestamptz', { name: 'changed_at' })
  changedAt: Date;

  /** When somebody let them in again. */
  @Column('timestamptz', { name: 'unlocked_at', nullable: true })
  unlockedAt: Date | null;

  /** After too many failures in a row; a reset or an operator makes it good again. */
  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt: Date | null;
}
