import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A person's week that was approved, with what was counted then. A week that is open has no row. */
@Entity({ schema: '@tenant', name: 'timesheet_weeks' })
export class TimesheetWeek {
  @PrimaryColumn('uuid', { name: 'user_id' })
  userId: string;

  /** Its Monday, `YYYY-MM-DD`. */
  @PrimaryColumn('date', { name: 'week_start' })
  week: string;

  @Column('integer')
  entries: number;

  @Column('integer')
  minutes: number;

  @Column('integer', { name: 'rounded_minutes' })
  roundedMinutes: number;

  /** Null: the system. */
  @Column('uuid', { name: 'approved_by', nullable: true })
  approvedBy: string | null;

  @Column('timestamptz', { name: 'approved_at' })
  approvedAt: Date;

  @Column('text', { nullable: true })
  note: string | null;
}
