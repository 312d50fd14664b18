import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One change of one field of a time entry, kept for ever; that it was made is one, and that it was deleted. */
@Entity({ schema: '@tenant', name: 'time_entry_changes' })
export class TimeEntryChange {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'entry_id' })
  entryId: string;

  @Column('text')
  field: string;

  @Column('jsonb', { name: 'old_value', nullable: true })
  oldValue: unknown;

  @Column('jsonb', { name: 'new_value', nullable: true })
  newValue: unknown;

  /** Null: the system. */
  @Column('uuid', { name: 'actor_id', nullable: true })
  actorId: string | null;

  @Column('timestamptz')
  at: Date;
}
