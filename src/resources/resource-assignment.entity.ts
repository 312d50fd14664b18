import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';

const decimal = {
  to: (value: number | null) => value,
  // PostgreSQL gives numeric as text; two decimals are exact enough as a number.
  from: (value: string | null) => (value === null ? null : Number(value)),
};

/** How much of a person's time a project has been promised; either hours a week or a share. */
@Entity({ schema: '@tenant', name: 'resource_assignments' })
export class ResourceAssignment {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'project_id' })
  projectId: string;

  @Column('uuid', { name: 'user_id' })
  userId: string;

  @Column('numeric', { name: 'hours_per_week', precision: 5, scale: 2, nullable: true, transformer: decimal })
  hoursPerWeek: number | null;

  /** Of what the person works by their calendar. */
  @Column('numeric', { precision: 5, scale: 2, nullable: true, transformer: decimal })
  percent: number | null;

  /** First day, `YYYY-MM-DD`. */
  @Column('date', { name: 'from_date' })
  from: string;

  /** Last day. */
  @Column('date', { name: 'to_date' })
  to: string;

  @Column('text', { nullable: true })
  note: string | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @VersionColumn()
  version: number;
}
