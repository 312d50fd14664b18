import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A day on which nobody of the organisation works. */
@Entity({ schema: '@tenant', name: 'holidays' })
export class Holiday {
  @PrimaryColumn('uuid')
  id: string;

  /** `YYYY-MM-DD`. */
  @Column('date')
  day: string;

  @Column('text')
  name: string;

  /** Of the event that it was imported from; its own id when it was typed in. */
  @Column('text')
  uid: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;
}
