import { Column, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';

/** Of whom a second factor is demanded: nobody, admins and owners, or everybody. */
export const SECOND_FACTOR_POLICIES = ['optional', 'admins', 'required'] as const;
export type SecondFactorPolicy = (typeof SECOND_FACTOR_POLICIES)[number];

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
