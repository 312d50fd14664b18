import { Column, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { Rounding, RoundingMode } from './time-entry.types.ts';

/** How a project rounds what is worked in it. One that has said nothing does not round. */
@Entity({ schema: '@tenant', name: 'project_time_rules' })
export class ProjectTimeRules {
  @PrimaryColumn('uuid', { name: 'project_id' })
  projectId: string;

  @Column('smallint', { name: 'round_to' })
  roundTo: Rounding;

  @Column('text')
  mode: RoundingMode;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;
}
