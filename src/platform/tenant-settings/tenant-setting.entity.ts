import { Column, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';

/** What an organisation has set for itself, a row for each group of settings. Every organisation has all of them from its first day. */
@Entity({ schema: '@tenant', name: 'settings' })
export class TenantSetting {
  @PrimaryColumn('text')
  key: string;

  @Column('jsonb')
  value: object;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @VersionColumn()
  version: number;
}
