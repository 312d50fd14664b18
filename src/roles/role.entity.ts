import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';
import type { Grant } from '../platform/access/permissions.ts';

@Entity({ schema: '@tenant', name: 'roles' })
export class Role {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  key: string;

  @Column('text')
  name: string;

  @Column('text', { nullable: true })
  description: string | null;

  /** 1 to 50; nobody acts on somebody above, or gives a role above their own. */
  @Column('integer')
  level: number;

  @Column('boolean', { name: 'built_in' })
  builtIn: boolean;

  @Column('text', { array: true })
  grants: Grant[];

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz' })
  updatedAt: Date;

  @VersionColumn()
  version: number;
}
