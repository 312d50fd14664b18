import { Column, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';
import type { SearchLanguage } from '../platform/database/text-search.ts';

/** How an organisation searches; a single row. */
@Entity({ schema: '@tenant', name: 'search_settings' })
export class SearchSettings {
  @PrimaryColumn('boolean')
  id: boolean;

  /** Whose stems words are reduced to. */
  @Column('text')
  language: SearchLanguage;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @VersionColumn()
  version: number;
}
