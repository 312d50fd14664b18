import { Column, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';
import type { SecondFactorPolicy } from './second-factors.types.ts';

/** What an organisation demands of those who sign in; a single row. */
@Entity({ schema: '@tenant', name: 'security_policy' })
export class SecurityPolicy {
  @PrimaryColumn('boolean')
  id: boolean;

  @Column('text', { name: 'second_factor' })
  secondFactor: SecondFactorPolicy;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @VersionColumn()
  version: number;
}
