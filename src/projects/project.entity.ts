import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';
import type { ProjectStatus } from './project.types.ts';

@Entity({ schema: '@tenant', name: 'projects' })
export class Project {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  name: string;

  /** Markdown, as typed. */
  @Column('text', { nullable: true })
  description: string | null;

  @Column('text')
  status: ProjectStatus;

  /** `YYYY-MM-DD`. */
  @Column('date', { name: 'start_date', nullable: true })
  startDate: string | null;

  @Column('date', { name: 'end_date', nullable: true })
  endDate: string | null;

  /** Decimal text, so that nobody rounds it. */
  @Column('numeric', { name: 'budget_amount', precision: 12, scale: 2, nullable: true })
  budgetAmount: string | null;

  /** ISO 4217. */
  @Column('text', { name: 'budget_currency' })
  budgetCurrency: string;

  @Column('uuid', { name: 'owner_id' })
  ownerId: string;

  /** The client's own. */
  @Column('jsonb')
  settings: Record<string, unknown>;

  /** The status from which it was archived; null while it is not. */
  @Column('text', { name: 'archived_from', nullable: true })
  archivedFrom: ProjectStatus | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;

  @VersionColumn()
  version: number;
}
