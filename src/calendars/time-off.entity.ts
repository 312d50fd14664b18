import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';
import type { TimeOffKind } from './calendars.types.ts';

/** Days on which somebody does not work, or less. */
@Entity({ schema: '@tenant', name: 'time_off' })
export class TimeOff {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'user_id' })
  userId: string;

  @Column('text')
  kind: TimeOffKind;

  /** `YYYY-MM-DD`. */
  @Column('date', { name: 'first_day' })
  firstDay: string;

  /** `YYYY-MM-DD`, a day off as well. */
  @Column('date', { name: 'last_day' })
  lastDay: string;

  /** Null: the whole day. */
  @Column('integer', { name: 'minutes_per_day', nullable: true })
  minutesPerDay: number | null;

  @Column('text', { nullable: true })
  note: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @VersionColumn()
  version: number;
}
