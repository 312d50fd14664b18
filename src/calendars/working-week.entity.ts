import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** How somebody, or the organisation, works from a day on. */
@Entity({ schema: '@tenant', name: 'working_weeks' })
export class WorkingWeek {
  @PrimaryColumn('uuid')
  id: string;

  /** Null for the organisation's, which is for whoever has none of their own. */
  @Column('uuid', { name: 'user_id', nullable: true })
  userId: string | null;

  /** `YYYY-MM-DD`. */
  @Column('date', { name: 'valid_from' })
  validFrom: string;

  /** Monday to Sunday; null: as the organisation works. */
  @Column('smallint', { array: true, nullable: true })
  minutes: number[] | null;

  @Column('text', { name: 'time_zone', nullable: true })
  timeZone: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;
}
